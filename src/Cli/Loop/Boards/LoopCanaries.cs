using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Canaries;
using EdgePrune.Cli.Options;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Cli.Loop.Boards;

/// <summary>
/// What a loop sends along with a model, so that the board can tell whether it computes there what it computes here: a few inputs, of
/// the training or test data where there are some and noise elsewhere, with this model's own outputs.
/// </summary>
internal static class LoopCanaries
{
    private const int Count = 4;

    /// <summary>
    /// Every canary must come out. Another processor and another thread count round otherwise, by far less than a hundredth of the
    /// largest output; a kernel that is wrong, or a file that is another one, does not stay within.
    /// </summary>
    public static BundleGates Gates { get; } = new() { MinCanaries = 1, AnswerCheck = AnswerCheck.Values, AnswerTolerance = 0.01 };

    /// <summary>Writes them as an .npz.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model's file.</param>
    /// <param name="options">Data, shapes and seed.</param>
    /// <param name="problem">Why there are none; empty where there are.</param>
    /// <returns>False where the model is not made for canaries: its outputs are no numbers, or not the same each time.</returns>
    public static bool TryWrite(string path, string model, LoopOptions options, out string problem)
    {
        try
        {
            OnnxModel read = OnnxModel.FromBytes(File.ReadAllBytes(model), model);
            using ModelSession session = ModelSession.Create(read, options.Session);
            CanaryWriter.Write(path, session, Samples(read, session, options), labels: null);
            using CanarySet written = CanarySet.Load(path);
            var rule = AnswerRule.Of(Gates);
            CanaryResult result = written.Check(session, rule);
            problem = result.Holds(rule) ? "" : result.ToString();
        }
        catch (InputException e)
        {
            problem = e.Message;
        }

        return problem.Length == 0;
    }

    private static IEnumerable<IReadOnlyDictionary<string, OrtValue>> Samples(OnnxModel model, ModelSession session, LoopOptions options) =>
        (options.Train ?? options.Data) is { } data ? RealInputs.Of(model, Dataset.Load(data), Count) : Noise(model, session, options);

    private static IEnumerable<IReadOnlyDictionary<string, OrtValue>> Noise(OnnxModel model, ModelSession session, LoopOptions options)
    {
        IReadOnlyDictionary<string, long[]>? shapes = session.Inputs.All(i => i.Shape.All(d => d >= 0))
            ? null
            : ShapeProbe.Run(model, shapes: options.Shapes).Where(v => session.Inputs.Any(i => i.Name == v.Key)).ToDictionary(v => v.Key, v => v.Value.Dims);
        for (int i = 0; i < Count; i++)
        {
            using NamedValues noise = SyntheticInputs.Make(session.Inputs, options.Seed + i, shapes);
            yield return noise;
        }
    }
}
