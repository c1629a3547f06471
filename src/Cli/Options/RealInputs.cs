using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime;
using ModelInput = EdgePrune.Training.Data.ModelInput;

namespace EdgePrune.Cli.Options;

/// <summary>Samples of a dataset as a model takes them.</summary>
internal static class RealInputs
{
    /// <summary>One value a model input for each of the first samples, freed when the next is asked for.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The samples.</param>
    /// <param name="samples">How many runs to give at most; a model with a fixed batch takes several samples a run.</param>
    public static IEnumerable<IReadOnlyDictionary<string, OrtValue>> Of(OnnxModel model, Dataset data, int samples)
    {
        IReadOnlyList<ModelInput> inputs = Inputs(model);
        int batch = Math.Max(1, inputs.Where(i => i.Shape.Length > 0).Select(i => i.Shape[0]).DefaultIfEmpty(1).Max());
        if (data.Count < batch)
        {
            throw new InputException($"{data.Source}: has {data.Count} samples; the model takes {batch} a run");
        }

        for (int start = 0, run = 0; run < samples && start + batch <= data.Count; start += batch, run++)
        {
            using DatasetBatch values = data.Batch(start, batch, inputs);
            yield return values.Values;
        }
    }

    private static IReadOnlyList<ModelInput> Inputs(OnnxModel model)
    {
        using ModelSession session = ModelSession.Create(model);
        return ModelInput.Of(session.Session);
    }
}
