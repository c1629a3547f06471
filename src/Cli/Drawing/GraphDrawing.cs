using EdgePrune.Cli.Documents;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Cli.Drawing;

/// <summary>Makes the picture of a model: a box for each input, node and output, a line for each value between them.</summary>
internal sealed class GraphDrawing
{
    private const double BoxWidth = 156;
    private const double BoxHeight = 40;
    private const double BendWidth = 4;
    private const double ColumnGap = 22;
    private const double RowGap = 26;
    private const double Margin = 30;

    private readonly OnnxModel model;
    private readonly CouplingResult coupling;
    private readonly IReadOnlyDictionary<string, ValueShape> shapes;
    private readonly GraphIndex index;
    private readonly Dictionary<string, IReadOnlyList<(int Axis, int[] Units)>> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> reasonNumbers = new(StringComparer.Ordinal);
    private readonly ILookup<string, string> frozen;

    private GraphDrawing(OnnxModel model, CouplingResult coupling, IReadOnlyDictionary<string, ValueShape> shapes)
    {
        this.model = model;
        this.coupling = coupling;
        this.shapes = shapes;
        index = new GraphIndex(model.Graph);
        frozen = coupling.Frozen.ToLookup(f => f.Tensor, f => f.Reason, StringComparer.Ordinal);
    }

    /// <param name="model">The model.</param>
    /// <param name="inspected">What is known of it in figures.</param>
    /// <param name="coupling">Its units.</param>
    /// <param name="statistics">Its work and parameters.</param>
    /// <param name="shapes">Shapes of its values.</param>
    public static GraphDocument Of(
        OnnxModel model, InspectDocument inspected, CouplingResult coupling, ModelStatistics statistics, IReadOnlyDictionary<string, ValueShape> shapes) =>
        new GraphDrawing(model, coupling, shapes).Draw(inspected, statistics);

    private sealed record Box(NodeProto? Node, string Op, string Name, IReadOnlyList<string> Reads, IReadOnlyList<string> Makes);

    private GraphDocument Draw(InspectDocument inspected, ModelStatistics statistics)
    {
        HashSet<NodeProto> hidden = Constants();
        List<Box> boxes = [.. Boxes(hidden)];
        List<(string Value, LayoutLine Line)> lines = [.. Lines(boxes)];
        var layered = LayeredGraph.Of(boxes.Count, [.. lines.Select(l => l.Line)]);
        double[] x = RowPositions.Of(layered, RowOrder.Of(layered), p => p < boxes.Count ? BoxWidth : BendWidth, ColumnGap);
        double Top(int point) => Margin + (layered.RowOf[point] * (BoxHeight + RowGap));

        ILookup<int, LayoutStep> steps = layered.Steps.ToLookup(s => s.Line);
        Dictionary<NodeProto, NodeStatistics> work = new(statistics.Nodes.Select(n => KeyValuePair.Create(n.Node, n)), ReferenceEqualityComparer.Instance);
        GraphBox[] drawn = [.. boxes.Select((box, i) => Drawn(box, Round(x[i] + Margin), Top(i), box.Node is null ? null : work[box.Node]))];
        double Bottom(int point) => Top(point) + (point < boxes.Count ? BoxHeight : BoxHeight / 2);
        return new GraphDocument(
            Path.GetFileName(inspected.Model),
            inspected.Opset,
            inspected.Params,
            inspected.Macs,
            inspected.Prunable,
            Round(x.Select((v, p) => v + (p < boxes.Count ? BoxWidth / 2 : 0)).DefaultIfEmpty(0).Max() + (2 * Margin)),
            Round((2 * Margin) + ((layered.RowOf.DefaultIfEmpty(0).Max() + 1) * (BoxHeight + RowGap))),
            BoxWidth,
            BoxHeight,
            drawn,
            [.. lines.Select((line, i) => new GraphLine(
                line.Value,
                line.Line.From,
                line.Line.To,
                [.. steps[i].SelectMany(s => new[] { Round(x[s.From] + Margin), Bottom(s.From), Round(x[s.To] + Margin), Top(s.To) + (s.To < boxes.Count ? 0 : BoxHeight / 2) })],
                GroupsOf(line.Value)))],
            inspected.Kinds,
            inspected.Groups,
            [.. inspected.Blocks.Select(b => new GraphBlock(b.Id, b.Kind, b.Where, b.Params, b.Macs, Members(b, boxes)))],
            [.. reasonNumbers.OrderBy(r => r.Value).Select(r => r.Key)],
            inspected.FrozenReasons,
            hidden.Count);
    }

    private static int[] Members(InspectBlock block, List<Box> boxes)
    {
        HashSet<string> makes = [.. block.Nodes];
        return [.. Enumerable.Range(0, boxes.Count).Where(i => boxes[i].Node is { Output.Count: > 0 } node && makes.Contains(node.Output[0]))];
    }

    private static double Round(double value) => Math.Round(value, 1);

    // What does not depend on the inputs is weights to the reader, and is not drawn.
    private HashSet<NodeProto> Constants()
    {
        HashSet<string> constant = [.. model.Graph.Initializer.Select(i => i.Name)];
        var nodes = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (NodeProto node in model.Graph.Node)
        {
            if (!node.OpType.StartsWith("Random", StringComparison.Ordinal) && GraphIndex.Reads(node).All(constant.Contains))
            {
                nodes.Add(node);
                constant.UnionWith(node.Output);
            }
        }

        return nodes;
    }

    private IEnumerable<Box> Boxes(HashSet<NodeProto> hidden)
    {
        foreach (ValueInfoProto input in index.Inputs)
        {
            yield return new Box(null, "input", input.Name, [], [input.Name]);
        }

        foreach (NodeProto node in model.Graph.Node.Where(n => !hidden.Contains(n)))
        {
            string[] makes = [.. node.Output.Where(o => o.Length > 0)];
            yield return new Box(node, node.OpType, node.Name.Length > 0 ? node.Name : makes.FirstOrDefault() ?? "", [.. GraphIndex.Reads(node).Distinct(StringComparer.Ordinal)], makes);
        }

        foreach (ValueInfoProto output in model.Graph.Output)
        {
            yield return new Box(null, "output", output.Name, [output.Name], []);
        }
    }

    private static IEnumerable<(string Value, LayoutLine Line)> Lines(List<Box> boxes)
    {
        var makers = new Dictionary<string, int>(StringComparer.Ordinal);
        var readers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (int i = 0; i < boxes.Count; i++)
        {
            foreach (string value in boxes[i].Makes)
            {
                makers.TryAdd(value, i);
            }
        }

        for (int i = 0; i < boxes.Count; i++)
        {
            foreach (string value in boxes[i].Reads.Where(v => makers.TryGetValue(v, out int maker) && maker < i))
            {
                if (!readers.TryGetValue(value, out List<int>? list))
                {
                    readers[value] = list = [];
                }

                list.Add(i);
            }
        }

        return readers.OrderBy(r => makers[r.Key]).Select(r => (r.Key, new LayoutLine(makers[r.Key], r.Value)));
    }

    private GraphBox Drawn(Box box, double x, double y, NodeStatistics? work)
    {
        IReadOnlyList<(int Axis, int[] Units)> axes = box.Makes.Count > 0 ? UnitsOf(box.Makes[0]) : [];
        int[] along = axes.Select(a => a.Units).MaxBy(u => u.Count(unit => unit >= 0)) ?? [];
        GroupShare[] shares = [.. along.Where(u => u >= 0).GroupBy(u => coupling.Units[u].Group).OrderBy(g => g.Key).Select(g => new GroupShare(g.Key, g.Count()))];
        int[] groups = [.. box.Makes.Concat(box.Reads).SelectMany(GroupsOf).Distinct().Order()];
        return new GraphBox(
            box.Op,
            box.Name,
            x,
            y,
            work?.Macs ?? 0,
            work?.Params ?? 0,
            [.. box.Reads.Select(Describe)],
            [.. box.Makes.Select(Describe)],
            shares,
            shares.Length == 0 ? 0 : along.Length,
            groups,
            [.. ReasonsOf(box, groups.Length == 0).Distinct(StringComparer.Ordinal).Select(Number)]);
    }

    // A box that units reach is only frozen where its parameters are; of another one its result says why.
    private IEnumerable<string> ReasonsOf(Box box, bool isFrozen)
    {
        foreach (string reason in box.Reads.SelectMany(r => frozen[r]))
        {
            yield return reason;
        }

        foreach (string value in isFrozen ? box.Makes : [])
        {
            for (int axis = 0; axis < (shapes.TryGetValue(value, out ValueShape? shape) ? shape.Dims.Length : 0); axis++)
            {
                if (shape!.Dims[axis] > 1 && coupling.ReasonAlong(value, axis) is { } reason)
                {
                    yield return reason;
                }
            }
        }
    }

    private int Number(string reason)
    {
        reasonNumbers.TryAdd(reason, reasonNumbers.Count);
        return reasonNumbers[reason];
    }

    private GraphValue Describe(string value)
    {
        IEnumerable<long>? dims = shapes.TryGetValue(value, out ValueShape? shape) ? shape.Dims : index.Constant(value)?.Dims;
        return new GraphValue(value, dims is null ? null : string.Join(" × ", dims), index.Constant(value) is not null);
    }

    private int[] GroupsOf(string value) => [.. UnitsOf(value).SelectMany(a => a.Units).Where(u => u >= 0).Select(u => coupling.Units[u].Group).Distinct().Order()];

    private IReadOnlyList<(int Axis, int[] Units)> UnitsOf(string value)
    {
        if (!known.TryGetValue(value, out IReadOnlyList<(int Axis, int[] Units)>? axes))
        {
            int rank = shapes.TryGetValue(value, out ValueShape? shape) ? shape.Dims.Length : index.Constant(value)?.Dims.Count ?? 0;
            known[value] = axes = [.. Enumerable.Range(0, rank).Select(a => (a, coupling.UnitsAlong(value, a))).Where(a => a.Item2 is not null).Select(a => (a.a, a.Item2!))];
        }

        return axes;
    }
}
