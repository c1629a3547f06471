using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Profiler.Layers;

/// <summary>
/// Gives each source node to the executed node that computes it: from the executed node's output backwards in the source graph,
/// up to values that the executed graph has too.
/// </summary>
internal sealed class NodeClaims
{
    private readonly Dictionary<NodeProto, List<NodeProto>> claims = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<NodeProto> taken = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> borders = new(StringComparer.Ordinal);
    private readonly GraphIndex source;

    public NodeClaims(GraphProto sourceGraph, GraphProto optimized, SourceNames names)
    {
        source = new GraphIndex(sourceGraph);
        borders.UnionWith(optimized.Initializer.Select(i => i.Name));
        borders.UnionWith(optimized.Node.SelectMany(n => n.Output).Select(o => names.Of(o)).OfType<string>());

        var constants = new ConstantValues(sourceGraph);
        var position = new Dictionary<NodeProto, int>(ReferenceEqualityComparer.Instance);
        foreach (NodeProto node in sourceGraph.Node)
        {
            position[node] = position.Count;
        }

        foreach (NodeProto node in optimized.Node)
        {
            var found = new List<NodeProto>();
            foreach (string output in node.Output.Where(o => o.Length > 0 && !SourceNames.IsReorder(node)))
            {
                if (names.Of(output) is { } value)
                {
                    Claim(value, found);
                }
            }

            claims[node] = Executed(found, constants);
            claims[node].Sort((a, b) => position[a].CompareTo(position[b]));
        }

        var executed = new HashSet<NodeProto>(claims.Values.SelectMany(c => c), ReferenceEqualityComparer.Instance);
        Folded =
        [
            .. sourceGraph.Node.Where(n => !executed.Contains(n)).Select(n => new FoldedNode(
                n, constants.IsConstant(n) ? "constant" : IsNothing(n) ? "eliminated" : "absorbed")),
        ];
    }

    public IReadOnlyList<FoldedNode> Folded { get; }

    public IReadOnlyList<NodeProto> Of(NodeProto optimized) => claims[optimized];

    private static bool IsNothing(NodeProto node) => node.OpType is "Identity" or "Dropout";

    // What leads into a layer without being computed in it: constants, and nodes that do nothing at inference.
    private static List<NodeProto> Executed(List<NodeProto> found, ConstantValues constants)
    {
        List<NodeProto> working = [.. found.Where(n => !constants.IsConstant(n) && !IsNothing(n))];
        return working.Count > 0 ? working : found;
    }

    private void Claim(string value, List<NodeProto> found)
    {
        var open = new Stack<string>([value]);
        while (open.TryPop(out string? next))
        {
            if (source.Producer(next) is not { } node || !taken.Add(node))
            {
                continue;
            }

            found.Add(node);
            foreach (string input in GraphIndex.Reads(node).Where(i => !borders.Contains(i)))
            {
                open.Push(input);
            }
        }
    }
}
