using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// The layout changes between the layers of a network. The runtime puts a node between two layers that keep a value in different
/// layouts, so what they cost depends on both, and appears or vanishes as layers leave the blocked layout or come back to it.
/// </summary>
internal sealed class LayoutComposition
{
    private readonly Edge[] edges;
    private readonly IReadOnlyDictionary<string, ReorderCost> costs;

    /// <param name="model">The network.</param>
    /// <param name="layers">Layers of the table.</param>
    /// <param name="planes">Elements of one channel of each value, and elements of the whole.</param>
    /// <param name="costs">By <see cref="Key"/>.</param>
    public LayoutComposition(
        GraphProto model, IReadOnlyList<CostLayer> layers, Func<string, (long Plane, long Elements)> planes, IReadOnlyDictionary<string, ReorderCost> costs)
    {
        this.costs = costs;
        var outputs = model.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var made = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < layers.Count; i++)
        {
            foreach (NodeProto node in layers[i].Layer.SourceNodes)
            {
                foreach (string output in node.Output)
                {
                    made[output] = i;
                }
            }
        }

        // Who reads a value: a layer, or by way of nodes that are not in the table (folded, or not measured) something unknown.
        var known = layers.SelectMany((l, i) => l.Layer.SourceNodes.Select(n => (Node: n, Layer: i)))
            .ToDictionary<(NodeProto Node, int Layer), NodeProto, int>(p => p.Node, p => p.Layer, ReferenceEqualityComparer.Instance);
        edges =
        [
            .. made.Select(m => new Edge(
                m.Key, m.Value, outputs.Contains(m.Key), planes(m.Key),
                [.. model.Node.Where(n => known.TryGetValue(n, out int reader) && reader != m.Value && GraphIndex.Reads(n).Contains(m.Key))
                    .Select(n => known[n]).Distinct()]))
            .Where(e => e.Readers.Count > 0 || e.Leaves),
        ];
    }

    /// <summary>By <see cref="Key"/>.</summary>
    public IReadOnlyDictionary<string, ReorderCost> Costs => costs;

    private sealed record Edge(string Value, int Maker, bool Leaves, (long Plane, long Elements) Size, IReadOnlyList<int> Readers);

    public static string Key(bool toBlocked, long plane) => $"{(toBlocked ? "to" : "from")}-blocked:{plane}";

    /// <summary>Seconds of all layout changes.</summary>
    /// <param name="layers">Layers of the table.</param>
    /// <param name="estimates">What each layer is, at its widths.</param>
    /// <param name="full">What each layer is at full widths.</param>
    public double Seconds(IReadOnlyList<CostLayer> layers, IReadOnlyList<BlockEstimate> estimates, IReadOnlyList<BlockEstimate> full)
    {
        double sum = 0;
        foreach (Edge edge in edges)
        {
            BlockEstimate maker = estimates[edge.Maker];
            bool blocked = Bit(maker.Layout.Outputs, layers[edge.Maker].Block.Model.Graph.Output, edge.Value);
            bool[] wants = [.. edge.Readers.Select(r => Bit(estimates[r].Layout.Inputs, layers[r].Block.Model.Graph.Input, edge.Value))];
            bool needsPlain = edge.Leaves || wants.Any(w => !w);
            if (blocked ? !needsPlain : !wants.Any(w => w))
            {
                continue;
            }

            if (costs.TryGetValue(Key(!blocked, edge.Size.Plane), out ReorderCost? cost))
            {
                double share = full[edge.Maker].OutputBytes > 0 ? maker.OutputBytes / full[edge.Maker].OutputBytes : 1;
                sum += cost.Seconds(edge.Size.Elements * share / edge.Size.Plane);
            }
        }

        return sum;
    }

    /// <summary>Sizes of values that may change their layout: elements of a channel, channels.</summary>
    public IEnumerable<(long Plane, long Channels)> Sizes() =>
        edges.Where(e => e.Size.Plane > 0).GroupBy(e => e.Size.Plane).Select(g => (g.Key, g.Max(e => e.Size.Elements) / g.Key));

    private static bool Bit(int bits, IEnumerable<ValueInfoProto> values, string name)
    {
        int index = values.Select((v, i) => (v.Name, i)).Where(p => p.Name == name).Select(p => p.i).DefaultIfEmpty(-1).First();
        return index is >= 0 and < 31 && (bits >> index & 1) == 1;
    }
}
