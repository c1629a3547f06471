using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.AttributeProto.Types;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.TestSupport.Hostile;

/// <summary>
/// Inputs that must end in a clear error: no crash, no hang, no partial file. Loading a model means <c>OnnxModel.Load</c>,
/// <c>ModelTrial</c>, <c>ShapeProbe</c>; each entry must be refused by one of them.
/// </summary>
internal static partial class HostileModels
{
    private const string NotAModel = "not an ONNX model";
    private const string Runtime = "ONNX Runtime";

    public static IReadOnlyList<HostileModel> All { get; } =
        [.. Files(), .. Wire(), .. Versions(), .. Names(), .. Graphs(), .. Functions(), .. Tensors(), .. External(), .. Operators(), .. Runs()];

    public static HostileModel Named(string name) => All.Single(m => m.Name == name);

    /// <summary>A small sound model: x [1,3,8,8] → Conv → Relu → y.</summary>
    public static ModelProto Sound()
    {
        float[] weights = [.. Enumerable.Range(0, 4 * 3 * 3 * 3).Select(i => (i % 7) - 3f)];
        var graph = new GraphProto { Name = "main" };
        graph.Input.Add(Value("x", DataType.Float, 1, 3, 8, 8));
        graph.Initializer.Add(TensorEditor.FromFloats("w", weights, 4, 3, 3, 3));
        graph.Initializer.Add(TensorEditor.FromFloats("b", [1, 2, 3, 4], 4));
        graph.Node.Add(Node("Conv", ["x", "w", "b"], ["c"]));
        graph.Node.Add(Node("Relu", ["c"], ["y"]));
        graph.Output.Add(Value("y", DataType.Float, 1, 4, 6, 6));
        return Model(graph);
    }

    public static ModelProto Model(GraphProto graph)
    {
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        return model;
    }

    public static NodeProto Node(string op, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = $"{op}_{outputs.FirstOrDefault()}" };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        return node;
    }

    public static ValueInfoProto Value(string name, DataType type, params long[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }

    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    public static AttributeProto Graph(string name, GraphProto graph) => new() { Name = name, Type = AttributeType.Graph, G = graph };

    /// <summary>A model of one operator on constants, so that the runtime is asked exactly this.</summary>
    private static HostileModel Operator(string name, string words, NodeProto node, params TensorProto[] constants) => Make(name, words, () =>
    {
        var graph = new GraphProto { Name = "main" };
        graph.Initializer.AddRange(constants);
        graph.Node.Add(node);
        graph.Output.AddRange(node.Output.Select(o => new ValueInfoProto { Name = o }));
        return Model(graph);
    });

    private static HostileModel Edit(string name, string words, Action<ModelProto> edit) => Make(name, words, () =>
    {
        ModelProto model = Sound();
        edit(model);
        return model;
    });

    private static HostileModel Make(string name, string words, Func<ModelProto> make) => Bytes(name, words, () => make().ToByteArray());

    private static HostileModel Bytes(string name, string words, Func<byte[]> make) => new(name, folder => Put(folder, "model.onnx", make()), words);

    private static string Put(string folder, string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
