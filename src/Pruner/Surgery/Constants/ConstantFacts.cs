using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery.Constants;

/// <summary>What does not depend on the model's inputs: parameters, and what is computed from them alone.</summary>
internal sealed class ConstantFacts
{
    private static readonly HashSet<string> Random =
        ["Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"];

    private readonly CouplingResult coupling;
    private readonly HashSet<string> constants;
    private readonly Dictionary<(string Value, int Axis), int[]?> units = [];

    public ConstantFacts(CouplingResult coupling)
    {
        this.coupling = coupling;
        HasFreeSizes = Index.Inputs.Any(i => i.Type?.TensorType?.Shape is not { } shape || shape.Dim.Skip(1).Any(d => d.DimValue <= 0));
        GraphProto graph = coupling.Context.Index.Graph;
        constants = graph.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        foreach (NodeProto node in graph.Node.Where(n => n.IsStandard() && !Random.Contains(n.OpType) && !GraphIndex.Subgraphs(n).Any()))
        {
            if (node.Input.All(i => i.Length == 0 || constants.Contains(i)))
            {
                constants.UnionWith(node.Output);
            }
        }
    }

    public GraphIndex Index => coupling.Context.Index;

    /// <summary>True where an input leaves a length other than that of the batch open.</summary>
    public bool HasFreeSizes { get; }

    public CouplingResult Coupling => coupling;

    /// <summary>True for parameters and for what is computed from parameters alone.</summary>
    public bool IsConstant(string value) => constants.Contains(value);

    /// <summary>True for parameters that stand in the file.</summary>
    public bool IsPlain(string value) => Index.Constant(value) is not null;

    /// <summary>The dimensions in the probe run.</summary>
    public int[] Dims(string value) => coupling.Context.Shapes.TryGetValue(value, out var shape)
        ? Array.ConvertAll(shape.Dims, d => (int)d)
        : coupling.Sources.TryGetValue(value, out SourceTensor? source) ? source.Dims
        : Index.Constant(value) is { } constant ? Onnx.Tensors.TensorReader.Dims(constant) : [];

    /// <summary>The unit of each index along an axis, −1 where there is none; null where the axis is fixed.</summary>
    public int[]? Units(string value, int axis)
    {
        if (!units.TryGetValue((value, axis), out int[]? known))
        {
            units[(value, axis)] = known = coupling.UnitsAlong(value, axis);
        }

        return known;
    }
}
