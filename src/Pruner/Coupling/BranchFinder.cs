using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling;

/// <summary>Finds the nodes that are of no use once a value is not read any more.</summary>
internal sealed class BranchFinder
{
    private readonly GraphIndex index;
    private readonly Dictionary<NodeProto, int> places = new(ReferenceEqualityComparer.Instance);

    public BranchFinder(GraphIndex index)
    {
        this.index = index;
        foreach (NodeProto node in index.Graph.Node)
        {
            places[node] = places.Count;
        }
    }

    /// <summary>The nodes that serve only one operand of a node, in order.</summary>
    public IReadOnlyList<NodeProto> Of(NodeProto reader, string operand) =>
        index.Producer(operand) is { } maker ? Collect([maker], node => ReferenceEquals(node, reader), operand) : [];

    /// <summary>A node and all that serves nothing else, in order.</summary>
    public IReadOnlyList<NodeProto> Of(NodeProto node) => Collect([node], _ => false, operand: null);

    // Goes back from the last nodes; a node is of no use where every reader of it is of none. Latest first, so that all readers of a
    // node have been seen before the node itself.
    private List<NodeProto> Collect(IEnumerable<NodeProto> last, Func<NodeProto, bool> isReader, string? operand)
    {
        var useless = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var open = new PriorityQueue<NodeProto, int>();
        var seen = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (NodeProto node in last)
        {
            open.Enqueue(node, -places[node]);
            seen.Add(node);
        }

        while (open.TryDequeue(out NodeProto? node, out _))
        {
            bool first = operand is null && useless.Count == 0;
            if (!first && !node.Output.Where(o => o.Length > 0).All(o => IsUnread(o, useless, isReader, operand)))
            {
                continue;
            }

            useless.Add(node);
            foreach (NodeProto maker in GraphIndex.Reads(node).Select(index.Producer).OfType<NodeProto>())
            {
                if (seen.Add(maker))
                {
                    open.Enqueue(maker, -places[maker]);
                }
            }
        }

        return [.. useless.OrderBy(n => places[n])];
    }

    private bool IsUnread(string value, HashSet<NodeProto> useless, Func<NodeProto, bool> isReader, string? operand) =>
        !index.Outputs.Contains(value)
        && index.Consumers(value).All(c => useless.Contains(c) || (value == operand && isReader(c)));
}
