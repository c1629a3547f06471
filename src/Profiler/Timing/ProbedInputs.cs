using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Profiler.Timing;

/// <summary>Seeded inputs in the shapes in which a model was found to run.</summary>
internal static class ProbedInputs
{
    /// <summary>Inputs for a model; the caller disposes them.</summary>
    public static NamedValues Make(OnnxModel model, int seed = 0) => Make(model, ShapeProbe.Run(model), seed);

    public static NamedValues Make(OnnxModel model, IReadOnlyDictionary<string, ValueShape> shapes, int seed = 0)
    {
        using var session = ModelSession.Create(
            model, new SessionSettings { Optimization = Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL });
        var fixedShapes = session.Inputs.ToDictionary(i => i.Name, i => shapes[i.Name].Dims, StringComparer.Ordinal);
        return SyntheticInputs.Make(session.Inputs, seed, fixedShapes);
    }
}
