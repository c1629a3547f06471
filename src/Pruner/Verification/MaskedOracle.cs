using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using Microsoft.ML.OnnxRuntime;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Verification;

/// <summary>
/// The law of surgery for many plans of one model: the masks are inputs of the masked original, so that its session is made once.
/// It answers what <see cref="MaskedEquivalence"/> answers.
/// </summary>
public sealed class MaskedOracle : IDisposable
{
    private readonly IReadOnlyDictionary<string, long[]> shapes;
    private readonly IReadOnlyList<ModelInput> inputs;
    private readonly ModelSession masked;
    private readonly Dictionary<(string Tensor, int Axis), MaskInput> axes = [];
    private readonly Dictionary<string, MaskInput> blocks = new(StringComparer.Ordinal);

    /// <param name="original">The model that the plans are made for.</param>
    /// <param name="coupling">Its units: what can be masked.</param>
    /// <param name="blocks">Its blocks and layers, as far as the plans remove any.</param>
    /// <param name="shapes">Shapes of inputs with free dimensions.</param>
    public MaskedOracle(
        OnnxModel original,
        CouplingResult coupling,
        IEnumerable<RemovedBlock>? blocks = null,
        IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(coupling);
        var graph = new MaskedGraph(original);
        foreach (var slices in coupling.Units.SelectMany(u => u.Slices).Where(s => s.Role != SliceRole.Parameter).GroupBy(s => (s.Tensor, s.Axis)))
        {
            axes[slices.Key] = graph.AddAxis(slices.Key.Tensor, slices.Key.Axis, slices.First().Role == SliceRole.Value, mask: null);
        }

        foreach (RemovedBlock block in blocks ?? [])
        {
            this.blocks[MaskedGraph.NameOf(block)] = graph.AddBlock(block, isInput: true);
        }

        this.shapes = shapes ?? MaskedEquivalence.ProbedInputs(original);
        masked = ModelSession.Create(graph.Build());
        var own = axes.Values.Concat(this.blocks.Values).Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        inputs = [.. masked.Inputs.Where(i => !own.Contains(i.Name))];
    }

    /// <summary>Compares a pruned model with the original whose units of a plan are masked.</summary>
    /// <param name="pruned">What surgery made of the original.</param>
    /// <param name="plan">What was removed.</param>
    /// <param name="randomInputs">How many random inputs, of seeds <paramref name="seed"/>, <paramref name="seed"/> + 1, …</param>
    /// <param name="seed">First seed.</param>
    /// <exception cref="InputException">The plan names what the oracle was not made for, or the two have different outputs.</exception>
    public EquivalenceReport Check(OnnxModel pruned, PruningPlan plan, int randomInputs = 1, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(pruned);
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Weights is { Count: > 0 } || plan.ChangesBorders)
        {
            throw new InputException("single weights and continued borders are not among the inputs of the masked model; compare with MaskedEquivalence");
        }

        using var candidate = ModelSession.Create(pruned);
        if (!masked.OutputNames.SequenceEqual(candidate.OutputNames))
        {
            throw new InputException("the two models have different outputs");
        }

        using var masks = new NamedValues(Masks(plan));
        var worst = new EquivalenceReport(0, 0, true, 0, plan.IsExact);
        for (int i = 0; i < randomInputs; i++)
        {
            using NamedValues made = SyntheticInputs.Make(inputs, seed + i, shapes);
            using NamedValues expected = masked.Run(made.Concat(masks).ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal));
            using NamedValues actual = candidate.Run(made);
            worst = OutputComparison.Add(worst, masked.OutputNames, expected, actual);
        }

        return worst;
    }

    public void Dispose() => masked.Dispose();

    private IEnumerable<KeyValuePair<string, OrtValue>> Masks(PruningPlan plan)
    {
        ILookup<(string, int), UnitSlice> slices = MaskedModel.Slices(plan).ToLookup(s => (s.Tensor, s.Axis));
        if (slices.FirstOrDefault(s => !axes.ContainsKey(s.Key)) is { } other)
        {
            throw new InputException($"the plan masks axis {other.Key.Item2} of '{Printable.Name(other.Key.Item1)}', which no unit of the oracle's analysis lies on");
        }

        var skipped = (plan.Blocks ?? []).Select(MaskedGraph.NameOf).ToHashSet(StringComparer.Ordinal);
        if (skipped.FirstOrDefault(name => !blocks.ContainsKey(name)) is { } unknown)
        {
            throw new InputException($"the plan removes the block '{Printable.Name(unknown)}', which the oracle was not made for");
        }

        foreach (((string Tensor, int Axis) place, MaskInput input) in axes)
        {
            float[] mask = new float[input.Shape.Aggregate(1L, (product, d) => product * d)];
            Array.Fill(mask, 1f);
            MaskedModel.Clear(mask, slices[place]);
            yield return new(input.Name, Value(input, mask));
        }

        foreach ((string name, MaskInput input) in blocks)
        {
            yield return new(name, Value(input, [skipped.Contains(name) ? 0f : 1f]));
        }
    }

    private static OrtValue Value(MaskInput input, float[] mask) => input.Type switch
    {
        DataType.Float => OrtValue.CreateTensorValueFromMemory(mask, input.Shape),
        DataType.Double => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(mask, m => (double)m), input.Shape),
        DataType.Float16 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(mask, m => (Float16)m), input.Shape),
        DataType.Bool => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(mask, m => m != 0), input.Shape),
        _ => throw new InputException($"a mask for weights of type {input.Type} cannot be made"),
    };
}
