using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Gradients;

/// <summary>
/// Writes nodes into a graph: names are free ones, equal constants are shared, and each operator takes the form that it has in
/// the model's opset (axes as attribute or as input). Values are named by the strings that the methods return.
/// </summary>
internal sealed partial class GraphWriter
{
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ValueOrigin> origins = new(StringComparer.Ordinal);
    private int counter;

    public GraphWriter(GraphProto graph, int opset)
    {
        Graph = graph;
        Opset = opset;
        taken.UnionWith(graph.Input.Select(i => i.Name));
        taken.UnionWith(graph.Initializer.Select(i => i.Name));
        taken.UnionWith(graph.SparseInitializer.Select(s => s.Values?.Name ?? ""));
        taken.UnionWith(graph.Node.SelectMany(n => n.Output.Append(n.Name)));
        // Values of inner graphs may not hide ours.
        taken.UnionWith(graph.Node.SelectMany(GraphIndex.Subgraphs).SelectMany(Inner));
    }

    public GraphProto Graph { get; }

    public int Opset { get; }

    /// <summary>Element type of the scalars that are written: that of the values at hand.</summary>
    public DataType Real { get; set; } = DataType.Float;

    /// <summary>Channels of a block of <see cref="BlockedLayout"/>, or 0 where it is not to be used.</summary>
    public int Block { get; init; }

    /// <summary>What the nodes that come next are written for; null for parts of the model itself that stay as they are.</summary>
    public ValueOrigin? Origin { get; set; }

    /// <summary>What each value was written for, by name.</summary>
    public IReadOnlyDictionary<string, ValueOrigin> Origins => origins;

    /// <summary>Values in the layout of <see cref="BlockedLayout"/>, by those that they hold.</summary>
    public Dictionary<string, string> InBlocks { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a node with one output and returns it.</summary>
    public string Node(string op, string[] inputs, Action<NodeProto>? attributes = null) => Nodes(op, inputs, 1, attributes)[0];

    /// <summary>Adds a node with several outputs and returns them.</summary>
    public string[] Nodes(string op, string[] inputs, int outputs, Action<NodeProto>? attributes = null)
    {
        var node = new NodeProto { OpType = op, Name = Name(op) };
        node.Input.Add(inputs);
        for (int i = 0; i < outputs; i++)
        {
            node.Output.Add(Name($"{op}.{i}"));
        }

        attributes?.Invoke(node);
        Add(node);
        return [.. node.Output];
    }

    /// <summary>Adds a node whose outputs the caller has named.</summary>
    public void Add(NodeProto node)
    {
        Graph.Node.Add(node);
        foreach (string output in Origin is null ? [] : node.Output)
        {
            origins[output] = Origin!;
        }
    }

    /// <summary>A name that no value of the graph has, which tells a reader what it is.</summary>
    public string Name(string hint)
    {
        string name;
        do
        {
            name = $"step/{hint}.{(counter++).ToString(CultureInfo.InvariantCulture)}";
        }
        while (!taken.Add(name));
        return name;
    }

    /// <summary>Claims a name for a value that the caller declares; a free one like it where it is taken.</summary>
    public string Claim(string wanted) => taken.Add(wanted) ? wanted : Name(wanted);

    /// <summary>A scalar of the type <see cref="Real"/>.</summary>
    public string Scalar(double value) => Reals([value], []);

    /// <summary>A constant tensor of the type <see cref="Real"/>.</summary>
    public string Reals(double[] values, long[] dims)
    {
        string key = $"{Real}[{string.Join(',', dims)}]{string.Join(',', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}";
        if (constants.TryGetValue(key, out string? known))
        {
            return known;
        }

        string name = Name("constant");
        TensorProto tensor = Real switch
        {
            DataType.Float => TensorEditor.FromFloats(name, Array.ConvertAll(values, v => (float)v), dims),
            DataType.Double => TensorEditor.FromRaw(name, DataType.Double, Bytes(values), dims),
            DataType other => throw new InputException($"values of type {other} cannot be trained: float and double can"),
        };
        Graph.Initializer.Add(tensor);
        return constants[key] = name;
    }

    /// <summary>A constant vector of int64.</summary>
    public string Ints(params long[] values) => Ints(values, [values.Length]);

    /// <summary>A constant tensor of int64.</summary>
    public string Ints(long[] values, long[] dims)
    {
        string key = $"i[{string.Join(',', dims)}]{string.Join(',', values)}";
        if (!constants.TryGetValue(key, out string? name))
        {
            name = Name("constant");
            Graph.Initializer.Add(TensorEditor.FromInts(name, values, dims));
            constants[key] = name;
        }

        return name;
    }

    private static byte[] Bytes(double[] values)
    {
        byte[] raw = new byte[values.Length * sizeof(double)];
        for (int i = 0; i < values.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteDoubleLittleEndian(raw.AsSpan(i * sizeof(double)), values[i]);
        }

        return raw;
    }

    private static IEnumerable<string> Inner(GraphProto graph) =>
        graph.Initializer.Select(i => i.Name).Concat(graph.Input.Select(i => i.Name)).Concat(graph.Node.SelectMany(n => n.Output))
            .Concat(graph.Node.SelectMany(GraphIndex.Subgraphs).SelectMany(Inner));
}
