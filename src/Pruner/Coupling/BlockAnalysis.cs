using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// Finds what can be skipped. A sum y = x + f(x) can lose any operand as long as another one has the full shape of y: then y is the
/// rest. A layer with weights whose input and output agree in shape and type can be replaced by its input.
/// </summary>
public static class BlockAnalysis
{
    private static readonly long[] OtherLengths = [3, 32, 224];

    private static readonly HashSet<string> Layers = ["Conv", "ConvTranspose", "Gemm", "MatMul"];

    /// <summary>Blocks and layers, in the order in which the graph makes them; blocks of one sum follow each other.</summary>
    /// <param name="model">A verified model.</param>
    /// <param name="shapes">Shapes of its values; found with <see cref="ShapeProbe"/> where null.</param>
    /// <param name="options">Kinds wanted.</param>
    public static IReadOnlyList<BlockUnit> Run(
        OnnxModel model, IReadOnlyDictionary<string, ValueShape>? shapes = null, CouplingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= CouplingOptions.Default;
        shapes ??= ShapeProbe.Run(model);
        var index = new GraphIndex(model.Graph);
        IReadOnlyDictionary<string, ValueShape>[] sizes = [shapes, .. OtherSizes(model, index, shapes)];
        HashSet<string> live = InputDependence.Of(index);
        var branches = new BranchFinder(index);
        var found = new List<BlockUnit>();
        foreach (NodeProto node in model.Graph.Node.Where(n => n.IsStandard() && n.Output.Count == 1))
        {
            if (node.OpType is "Add" or "Sum" && options.Wants(UnitKind.Block))
            {
                AddBranches(node, index, sizes, live, branches, found);
            }
            else if (Layers.Contains(node.OpType) && options.Wants(UnitKind.Layer) && IsReplaceable(node, sizes, live))
            {
                Add(found, UnitKind.Layer, node, node.Output[0], node.Input[0], branches.Of(node), index);
            }
        }

        return found;
    }

    private static void AddBranches(
        NodeProto sum,
        GraphIndex index,
        IReadOnlyDictionary<string, ValueShape>[] sizes,
        HashSet<string> live,
        BranchFinder branches,
        List<BlockUnit> found)
    {
        foreach (string branch in sum.Input.Where(live.Contains))
        {
            string[] rest = [.. sum.Input.Where(i => i != branch)];
            if (rest.Length != sum.Input.Count - 1 || !rest.Any(other => live.Contains(other) && Agree(sizes, other, sum.Output[0])))
            {
                continue;
            }

            IReadOnlyList<NodeProto> nodes = branches.Of(sum, branch);
            // What holds no matrix of weights (a mask that is added to scores, say) is no layer that one could do without.
            if (nodes.SelectMany(n => n.Input).Any(i => index.Constant(i) is { } weights && weights.Dims.Count >= 2))
            {
                Add(found, UnitKind.Block, sum, branch, rest.Length == 1 ? rest[0] : null, nodes, index);
            }
        }
    }

    private static void Add(List<BlockUnit> found, UnitKind kind, NodeProto node, string branch, string? kept, IReadOnlyList<NodeProto> nodes, GraphIndex index)
    {
        var own = new HashSet<NodeProto>(nodes, ReferenceEqualityComparer.Instance);
        TensorProto[] parameters = [.. nodes.SelectMany(n => n.Input).Distinct(StringComparer.Ordinal)
            .Where(i => index.Initializer(i) is not null && !index.Outputs.Contains(i) && index.Consumers(i).All(own.Contains))
            .Select(i => index.Initializer(i)!)];
        found.Add(new BlockUnit(
            found.Count,
            kind,
            node.Describe(),
            node.Output[0],
            branch,
            kept,
            [.. nodes.Select(n => n.Output.First(o => o.Length > 0))],
            [.. parameters.Select(p => p.Name)],
            parameters.Sum(TensorReader.Count)));
    }

    private static bool IsReplaceable(NodeProto node, IReadOnlyDictionary<string, ValueShape>[] sizes, HashSet<string> live) =>
        live.Contains(node.Input[0])
        && node.Input.Skip(1).All(i => !live.Contains(i))
        && Agree(sizes, node.Input[0], node.Output[0]);

    private static bool Agree(IReadOnlyDictionary<string, ValueShape>[] sizes, string a, string b) => sizes.All(shapes =>
        shapes.TryGetValue(a, out ValueShape? first)
        && shapes.TryGetValue(b, out ValueShape? second)
        && first.Type == second.Type
        && first.Dims.SequenceEqual(second.Dims));

    // Where free dimensions were probed at length one, a value that is broadcast along them looks as long as the others. Another size
    // tells them apart; where the model runs at no other, there is nothing to tell.
    private static IEnumerable<IReadOnlyDictionary<string, ValueShape>> OtherSizes(
        OnnxModel model, GraphIndex index, IReadOnlyDictionary<string, ValueShape> shapes)
    {
        var known = index.Inputs.Where(i => shapes.ContainsKey(i.Name) && i.Type?.TensorType?.Shape is not null)
            .ToDictionary(i => i.Name, i => (i.Type.TensorType.Shape.Dim, shapes[i.Name].Dims), StringComparer.Ordinal);
        bool IsShort(string name, int axis) => axis > 0 && known[name].Dim[axis].DimValue <= 0 && known[name].Dims[axis] == 1;
        if (!known.Any(k => Enumerable.Range(0, k.Value.Dims.Length).Any(axis => IsShort(k.Key, axis))))
        {
            yield break;
        }

        foreach (long size in OtherLengths)
        {
            IReadOnlyDictionary<string, ValueShape> other;
            try
            {
                other = ShapeProbe.Run(model, null, known.ToDictionary(
                    k => k.Key, k => k.Value.Dims.Select((d, axis) => IsShort(k.Key, axis) ? size : d).ToArray(), StringComparer.Ordinal));
            }
            catch (InputException)
            {
                continue;
            }

            yield return other;
            yield break;
        }
    }
}
