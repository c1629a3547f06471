using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Onnx.Graphs;

/// <summary>
/// Who makes and who reads each value of a graph. A snapshot: build a new one after an edit. Values that a nested graph (If,
/// Loop, Scan) reads from outside count as read by the node that holds it.
/// </summary>
public sealed class GraphIndex
{
    private readonly Dictionary<string, NodeProto> producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeProto>> consumers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> initializers = new(StringComparer.Ordinal);

    public GraphIndex(GraphProto graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Graph = graph;
        foreach (TensorProto initializer in graph.Initializer)
        {
            initializers[initializer.Name] = initializer;
        }

        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output.Where(o => o.Length > 0))
            {
                producers[output] = node;
            }

            foreach (string input in Reads(node).Distinct(StringComparer.Ordinal))
            {
                if (!consumers.TryGetValue(input, out List<NodeProto>? list))
                {
                    consumers[input] = list = [];
                }

                list.Add(node);
            }
        }

        HashSet<string> sparse = [.. SparseNames(graph)];
        Inputs = [.. graph.Input.Where(i => !initializers.ContainsKey(i.Name) && !sparse.Contains(i.Name))];
        Outputs = graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
    }

    public GraphProto Graph { get; }

    /// <summary>Inputs that a caller must feed: up to IR version 3 initializers are listed among the inputs too.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs { get; }

    /// <summary>Names of the graph's outputs.</summary>
    public IReadOnlySet<string> Outputs { get; }

    public NodeProto? Producer(string value) => producers.GetValueOrDefault(value);

    public IReadOnlyList<NodeProto> Consumers(string value) => consumers.TryGetValue(value, out List<NodeProto>? list) ? list : [];

    public TensorProto? Initializer(string value) => initializers.GetValueOrDefault(value);

    /// <summary>The constant behind a value: an initializer, or the tensor of a Constant node.</summary>
    public TensorProto? Constant(string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (initializers.TryGetValue(value, out TensorProto? initializer))
        {
            return initializer;
        }

        if (Producer(value) is not { OpType: "Constant" } node || !node.IsStandard())
        {
            return null;
        }

        if (node.Find("value") is { T: { } tensor })
        {
            return tensor;
        }

        return node.Find("value_int") is { HasI: true } single ? TensorEditor.FromInts(value, [single.I])
            : node.Find("value_ints") is { } list ? TensorEditor.FromInts(value, [.. list.Ints], list.Ints.Count)
            : node.Find("value_float") is { HasF: true } real ? TensorEditor.FromFloats(value, [real.F])
            : node.Find("value_floats") is { } reals ? TensorEditor.FromFloats(value, [.. reals.Floats], reals.Floats.Count)
            : null;
    }

    /// <summary>Everything that a node reads: its inputs, and what the graphs inside it take from outside themselves.</summary>
    public static IEnumerable<string> Reads(NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        foreach (string input in node.Input.Where(i => i.Length > 0))
        {
            yield return input;
        }

        foreach (GraphProto inner in Subgraphs(node))
        {
            foreach (string captured in Captured(inner))
            {
                yield return captured;
            }
        }
    }

    /// <summary>The graphs that a node's attributes hold.</summary>
    public static IEnumerable<GraphProto> Subgraphs(NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.G is not null)
            {
                yield return attribute.G;
            }

            foreach (GraphProto graph in attribute.Graphs)
            {
                yield return graph;
            }
        }
    }

    private static IEnumerable<string> Captured(GraphProto graph)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        own.UnionWith(graph.Input.Select(i => i.Name));
        own.UnionWith(graph.Initializer.Select(i => i.Name));
        own.UnionWith(SparseNames(graph));
        own.UnionWith(graph.Node.SelectMany(n => n.Output));
        return graph.Node.SelectMany(Reads).Concat(graph.Output.Select(o => o.Name)).Where(name => !own.Contains(name));
    }

    private static IEnumerable<string> SparseNames(GraphProto graph) => graph.SparseInitializer.Select(s => s.Values?.Name ?? "");
}
