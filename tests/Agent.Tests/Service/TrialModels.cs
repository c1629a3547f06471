using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Small models of four numbers that are slow, wrong or broken in one way each.</summary>
internal static class TrialModels
{
    /// <summary>y = factor · x after so many detours.</summary>
    public static byte[] Slow(float factor, int detours = 300) => Build(graph =>
    {
        string value = "x";
        for (int i = 0; i < detours; i++)
        {
            value = Node(graph, "Add", [value, "one"], $"up{i}");
            value = Node(graph, "Sub", [value, "one"], $"down{i}");
        }

        Node(graph, "Mul", [value, "factor"], "y");
        Initializer(graph, "one", 1);
        Initializer(graph, "factor", factor);
    });

    /// <summary>y = factor · x, but NaN where x is above 100.</summary>
    public static byte[] NotANumberAbove100(float factor) => Build(graph =>
    {
        Node(graph, "Sub", ["hundred", "x"], "left");
        Node(graph, "Sqrt", ["left"], "root");
        Node(graph, "Sub", ["root", "root"], "zero");
        Node(graph, "Mul", ["x", "factor"], "scaled");
        Node(graph, "Add", ["scaled", "zero"], "y");
        Initializer(graph, "hundred", 100);
        Initializer(graph, "factor", factor);
    });

    /// <summary>y = factor · x, but no answer where x is above 7: an index then leads outside of its table.</summary>
    public static byte[] FailingAbove7(float factor) => Build(graph =>
    {
        Node(graph, "Abs", ["x"], "size");
        Node(graph, "Cast", ["size"], "index", ("to", (long)TensorProto.Types.DataType.Int64));
        Node(graph, "Gather", ["table", "index"], "found");
        Node(graph, "Sub", ["found", "found"], "zero");
        Node(graph, "Mul", ["x", "factor"], "scaled");
        Node(graph, "Add", ["scaled", "zero"], "y");
        graph.Initializer.Add(TensorEditor.FromFloats("table", [1, 1, 1, 1, 1, 1, 1, 1], [8]));
        Initializer(graph, "factor", factor);
    });

    /// <summary>y = factor · x, but an infinity where x is above 89: the exponential leaves the range of its type.</summary>
    public static byte[] InfinityAbove89(float factor) => Build(graph =>
    {
        Node(graph, "Exp", ["x"], "power");
        Node(graph, "Sub", ["power", "much"], "below");
        Node(graph, "Mul", ["x", "factor"], "scaled");
        Node(graph, "Max", ["scaled", "below"], "y");
        Initializer(graph, "much", 3e38f);
        Initializer(graph, "factor", factor);
    });

    /// <summary>y = factor · x, after filling a tensor of as many numbers as the last one says.</summary>
    public static byte[] Greedy(float factor) => Build(graph =>
    {
        Node(graph, "Abs", ["x"], "size");
        Node(graph, "Gather", ["size", "last"], "room");
        Node(graph, "Cast", ["room"], "count", ("to", (long)TensorProto.Types.DataType.Int64));
        Node(graph, "ConstantOfShape", ["count"], "zeros");
        Node(graph, "ReduceSum", ["zeros"], "zero", ("keepdims", 0));
        Node(graph, "Mul", ["x", "factor"], "scaled");
        Node(graph, "Add", ["scaled", "zero"], "y");
        graph.Initializer.Add(TensorEditor.FromInts("last", [3], 1));
        Initializer(graph, "factor", factor);
    });

    /// <summary>A y of whole numbers.</summary>
    public static byte[] OtherType() => Build(
        graph => Node(graph, "Cast", ["x"], "y", ("to", (long)TensorProto.Types.DataType.Int64)),
        type: TensorProto.Types.DataType.Int64);

    /// <summary>A y of two numbers.</summary>
    public static byte[] OtherShape() => Build(
        graph =>
        {
            Node(graph, "Slice", ["x", "from", "to"], "y");
            graph.Initializer.Add(TensorEditor.FromInts("from", [0], 1));
            graph.Initializer.Add(TensorEditor.FromInts("to", [2], 1));
        },
        outputs: 2);

    /// <summary>y = factor · x for [batch, 4]; a batch of 0 is a free one.</summary>
    public static byte[] Batched(float factor, long batch) => Build(
        graph =>
        {
            Node(graph, "Mul", ["x", "factor"], "y");
            Initializer(graph, "factor", factor);
        },
        batch: batch);

    /// <summary>The scores of three classes for [N, 4] inputs: those of the first three numbers, or of the last three.</summary>
    public static byte[] Classifier(bool first) => Build(
        graph =>
        {
            Node(graph, "Slice", ["x", "from", "to", "axis"], "y");
            graph.Initializer.Add(TensorEditor.FromInts("from", [first ? 0 : 1], 1));
            graph.Initializer.Add(TensorEditor.FromInts("to", [first ? 3 : 4], 1));
            graph.Initializer.Add(TensorEditor.FromInts("axis", [1], 1));
        },
        batch: 0,
        outputs: 3);

    /// <summary>y = x, after as many rounds of a loop as the last number says.</summary>
    public static byte[] Endless() => Build(graph =>
    {
        Node(graph, "Gather", ["x", "last"], "times");
        Node(graph, "Cast", ["times"], "count", ("to", (long)TensorProto.Types.DataType.Int64));
        var body = new GraphProto { Name = "body" };
        body.Input.Add(Scalar("round", TensorProto.Types.DataType.Int64));
        body.Input.Add(Scalar("going", TensorProto.Types.DataType.Bool));
        body.Input.Add(Value("before", null, 4));
        body.Output.Add(Scalar("still", TensorProto.Types.DataType.Bool));
        body.Output.Add(Value("after", null, 4));
        Node(body, "Identity", ["going"], "still");
        Node(body, "Add", ["before", "nothing"], "after");
        var loop = new NodeProto { OpType = "Loop", Name = "loop", Input = { "count", "", "x" }, Output = { "y" } };
        loop.Attribute.Add(new AttributeProto { Name = "body", G = body, Type = AttributeProto.Types.AttributeType.Graph });
        graph.Node.Add(loop);
        graph.Initializer.Add(new TensorProto { Name = "last", DataType = (int)TensorProto.Types.DataType.Int64, Int64Data = { 3 } });
        Initializer(graph, "nothing", 0.0f);
    });

    /// <summary>Arrays as an .npz.</summary>
    public static byte[] Npz(params (string Name, float[] Values, long[] Shape)[] arrays)
    {
        using var values = new NamedValues(arrays.Select(a => KeyValuePair.Create(a.Name, OrtValue.CreateTensorValueFromMemory(a.Values, a.Shape))));
        using var stream = new MemoryStream();
        Agent.Tensors.Npz.Write(stream, values);
        return stream.ToArray();
    }

    /// <summary>Inputs one after the other, with what y = factor · x gives.</summary>
    public static byte[] Canaries(float factor, int count = 5)
    {
        float[] x = [.. Enumerable.Range(0, 4 * count).Select(i => (i % 7) - 3f)];
        return Npz(("input.x", x, [count, 4]), ("output.y", [.. x.Select(v => factor * v)], [count, 4]));
    }

    private static byte[] Build(Action<GraphProto> fill, long? batch = null, long outputs = 4, TensorProto.Types.DataType type = TensorProto.Types.DataType.Float)
    {
        var graph = new GraphProto { Name = "graph" };
        graph.Input.Add(Value("x", batch, 4));
        graph.Output.Add(Value("y", batch, outputs, type));
        fill(graph);
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        return model.ToByteArray();
    }

    private static ValueInfoProto Scalar(string name, TensorProto.Types.DataType type) => new()
    {
        Name = name,
        Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() } },
    };

    private static ValueInfoProto Value(string name, long? batch, long length, TensorProto.Types.DataType type = TensorProto.Types.DataType.Float)
    {
        var shape = new TensorShapeProto();
        if (batch is { } b)
        {
            shape.Dim.Add(b == 0 ? new TensorShapeProto.Types.Dimension { DimParam = "N" } : new TensorShapeProto.Types.Dimension { DimValue = b });
        }

        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = length });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }

    private static string Node(GraphProto graph, string operation, string[] inputs, string output, params (string Name, long Value)[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = output, Input = { inputs }, Output = { output } };
        node.Attribute.AddRange(attributes.Select(a => new AttributeProto { Name = a.Name, I = a.Value, Type = AttributeProto.Types.AttributeType.Int }));
        graph.Node.Add(node);
        return output;
    }

    private static void Initializer(GraphProto graph, string name, float value) =>
        graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float, FloatData = { value } });
}
