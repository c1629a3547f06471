using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;

namespace Surgery;

/// <summary>Networks of a given number of nodes or bytes, with seeded noise for weights.</summary>
internal sealed class Networks
{
    private readonly GraphProto graph = new() { Name = "network" };
    private readonly Random random = new(1);

    /// <summary>Residual blocks of two convolutions with normalisation: seven nodes each.</summary>
    public static OnnxModel Residual(int nodes, int width)
    {
        var n = new Networks();
        string y = n.Conv(n.Input("x", 1, 3, 8, 8), 3, width);
        while (n.graph.Node.Count + 7 <= nodes - 1)
        {
            string inner = n.Node("Relu", n.Norm(n.Conv(y, width, width), width));
            y = n.Node("Relu", n.Node("Add", y, n.Norm(n.Conv(inner, width, width), width)));
        }

        return n.Finish(n.Conv(y, width, 3));
    }

    /// <summary>Encoder blocks with attention of two heads, reshapes by constants: about thirty nodes each.</summary>
    public static OnnxModel Encoder(int nodes, int width)
    {
        var n = new Networks();
        string y = n.Linear(n.Input("x", 1, 16, width), width, width);
        while (n.graph.Node.Count + 27 <= nodes - 2)
        {
            string first = n.LayerNorm(y, width);
            string q = n.Heads(n.Linear(first, width, width), width, 0, 2, 1, 3);
            string k = n.Heads(n.Linear(first, width, width), width, 0, 2, 3, 1);
            string v = n.Heads(n.Linear(first, width, width), width, 0, 2, 1, 3);
            string mixed = n.Node("MatMul", n.Node("Softmax", n.Node("MatMul", q, k)), v);
            string joined = n.Node("Reshape", n.Transposed(mixed, 0, 2, 1, 3), n.Ints(1, 16, width));
            string attended = n.Node("Add", y, n.Linear(joined, width, width));
            string hidden = n.Node("Relu", n.Linear(n.LayerNorm(attended, width), width, 2 * width));
            y = n.Node("Add", attended, n.Linear(hidden, 2 * width, width));
        }

        return n.Finish(n.Linear(y, width, 4));
    }

    /// <summary>Few convolutions with large kernels: about <paramref name="bytes"/> of weights.</summary>
    public static OnnxModel Wide(long bytes, int width)
    {
        var n = new Networks();
        string y = n.Conv(n.Input("x", 1, 3, 8, 8), 3, width);
        for (long made = 0; made < bytes; made += 9L * width * width * sizeof(float))
        {
            y = n.Node("Relu", n.Conv(y, width, width));
        }

        return n.Finish(n.Conv(y, width, 3));
    }

    private string Input(string name, params long[] dims)
    {
        graph.Input.Add(Declare(name, dims));
        return name;
    }

    private string Weights(params long[] dims)
    {
        float[] values = new float[dims.Aggregate(1L, (product, d) => product * d)];
        float scale = 1f / MathF.Sqrt(values.Length / dims[0]);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (random.NextSingle() - 0.4f) * scale;
        }

        TensorProto tensor = TensorEditor.FromFloats($"w{graph.Initializer.Count}", values, dims);
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string Ints(params long[] values)
    {
        TensorProto tensor = TensorEditor.FromInts($"i{graph.Initializer.Count}", values, values.Length);
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string Node(string op, params string[] inputs)
    {
        var node = new NodeProto { OpType = op, Name = $"{op}{graph.Node.Count}", Output = { $"v{graph.Node.Count}" } };
        node.Input.Add(inputs);
        graph.Node.Add(node);
        return node.Output[0];
    }

    private string Conv(string x, int from, int to)
    {
        string y = Node("Conv", x, Weights(to, from, 3, 3), Weights(to));
        graph.Node[^1].SetInts("pads", [1, 1, 1, 1]);
        return y;
    }

    private string Norm(string x, int width)
    {
        TensorProto ones = TensorEditor.FromFloats($"w{graph.Initializer.Count}", [.. Enumerable.Repeat(1f, width)], width);
        graph.Initializer.Add(ones);
        return Node("BatchNormalization", x, ones.Name, Weights(width), Weights(width), ones.Name);
    }

    private string LayerNorm(string x, int width) => Node("LayerNormalization", x, Weights(width), Weights(width));

    private string Linear(string x, int from, int to) => Node("Add", Node("MatMul", x, Weights(from, to)), Weights(to));

    private string Heads(string x, int width, params long[] order) =>
        Transposed(Node("Reshape", x, Ints(1, 16, 2, width / 2)), order);

    private string Transposed(string x, params long[] order)
    {
        string y = Node("Transpose", x);
        graph.Node[^1].SetInts("perm", order);
        return y;
    }

    private OnnxModel Finish(string output)
    {
        graph.Output.Add(new ValueInfoProto { Name = output, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } } });
        return OnnxModel.FromProto(new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 17 } }, Graph = graph });
    }

    private static ValueInfoProto Declare(string name, long[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } } };
    }
}
