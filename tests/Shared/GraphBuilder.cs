using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.TestSupport;

/// <summary>Writes small models for tests: values are named by the caller or counted, weights are seeded noise.</summary>
internal sealed class GraphBuilder(int opset = 17, int seed = 0, int irVersion = 8)
{
    private readonly GraphProto graph = new() { Name = "test" };
    private readonly Random random = new(seed);
    private readonly SortedSet<string> domains = new(StringComparer.Ordinal);
    private int counter;

    public string Input(string name, params long[] dims)
    {
        graph.Input.Add(Declare(name, dims));
        return name;
    }

    /// <summary>A name that no other value has.</summary>
    public string FreshName(string prefix) => $"{prefix}{counter++}";

    /// <summary>An input of integers: ids of tokens, lengths.</summary>
    public string IntInput(string name, DataType type, params long[] dims)
    {
        graph.Input.Add(Declare(name, dims, type));
        return name;
    }

    public string Weights(params long[] dims) => Weights($"w{counter++}", dims);

    public string Weights(string name, long[] dims)
    {
        long count = dims.Aggregate(1L, (a, d) => a * d);
        // Away from zero, so that a slice that is wrongly left or lost always shows; positive for variances too.
        float[] values = [.. Enumerable.Range(0, (int)count).Select(_ => (float)((random.NextDouble() * 0.8) + 0.2) * (random.Next(2) == 0 ? 1 : -1))];
        graph.Initializer.Add(TensorEditor.FromFloats(name, values, dims));
        return name;
    }

    /// <summary>Weights above zero: variances, scales.</summary>
    public string Positive(params long[] dims)
    {
        string name = Weights(dims);
        float[] values = [.. TensorReader.ToFloats(graph.Initializer[^1]).Select(Math.Abs)];
        graph.Initializer[^1] = TensorEditor.FromFloats(name, values, dims);
        return name;
    }

    public string Ints(params long[] values)
    {
        string name = $"i{counter++}";
        graph.Initializer.Add(TensorEditor.FromInts(name, values, values.Length));
        return name;
    }

    public string Initializer(TensorProto tensor)
    {
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Adds a node with one output and returns it; an operator of another domain has its name and a point before.</summary>
    public string Node(string op, string[] inputs, params (string Name, object Value)[] attributes) => Nodes(op, inputs, 1, attributes)[0];

    /// <summary>Adds a node with several outputs.</summary>
    public string[] Nodes(string op, string[] inputs, int outputs, params (string Name, object Value)[] attributes)
    {
        int dot = op.LastIndexOf('.');
        var node = new NodeProto { OpType = op[(dot + 1)..], Name = $"{op[(dot + 1)..]}_{counter++}" };
        if (dot >= 0)
        {
            node.Domain = op[..dot];
            domains.Add(node.Domain);
        }

        node.Input.Add(inputs);
        for (int i = 0; i < outputs; i++)
        {
            node.Output.Add($"{node.Name}_out{(outputs > 1 ? i : "")}");
        }

        foreach ((string name, object value) in attributes)
        {
            switch (value)
            {
                case int i:
                    node.SetInt(name, i);
                    break;
                case float f:
                    node.SetFloat(name, f);
                    break;
                case string s:
                    node.SetString(name, s);
                    break;
                case long[] list:
                    node.SetInts(name, list);
                    break;
                case string[] names:
                    var texts = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Strings };
                    texts.Strings.AddRange(names.Select(Google.Protobuf.ByteString.CopyFromUtf8));
                    node.Attribute.Add(texts);
                    break;
                case float[] reals:
                    node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Floats, Floats = { reals } });
                    break;
                case GraphProto inner:
                    node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = inner });
                    break;
                case TensorProto t:
                    node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Tensor, T = t });
                    break;
                default:
                    throw new ArgumentException($"attribute of type {value.GetType()}");
            }
        }

        graph.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>Conv with bias; "same" padding for odd kernels.</summary>
    public string Conv(string x, int input, int output, int kernel = 3, int group = 1) => Node(
        "Conv",
        [x, Weights(output, input / group, kernel, kernel), Weights(output)],
        ("group", group),
        ("pads", new long[] { kernel / 2, kernel / 2, kernel / 2, kernel / 2 }));

    public string BatchNorm(string x, int channels) =>
        Node("BatchNormalization", [x, Weights(channels), Weights(channels), Weights(channels), Positive(channels)]);

    public string Relu(string x) => Node("Relu", [x]);

    /// <summary>Gemm [*, input] → [*, output] with bias.</summary>
    public string Linear(string x, int input, int output) =>
        Node("Gemm", [x, Weights(output, input), Weights(output)], ("transB", 1));

    public GraphBuilder Output(params string[] values)
    {
        foreach (string value in values)
        {
            graph.Output.Add(new ValueInfoProto
            {
                Name = value,
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } },
            });
        }

        return this;
    }

    /// <summary>The verified model; <paramref name="besides"/> adds what the builder has no method for.</summary>
    public OnnxModel Build(Action<ModelProto>? besides = null)
    {
        var proto = new ModelProto
        {
            IrVersion = irVersion,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset }, domains.Select(d => new OperatorSetIdProto { Domain = d, Version = 1 }) },
            Graph = graph,
        };
        besides?.Invoke(proto);
        return OnnxModel.FromProto(proto);
    }

    private static ValueInfoProto Declare(string name, long[] dims, DataType type = DataType.Float)
    {
        var shape = new TensorShapeProto();
        // A negative length is free: another one in every run.
        shape.Dim.Add(dims.Select((d, axis) => d < 0
            ? new TensorShapeProto.Types.Dimension { DimParam = $"{name}_{axis}" }
            : new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}
