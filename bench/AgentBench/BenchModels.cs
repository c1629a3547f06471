using EdgePrune.Agent.Tensors;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;

namespace EdgePrune.Bench.Agent;

/// <summary>Models to be served, and requests for them.</summary>
internal static class BenchModels
{
    /// <summary>Three layers with 3 MB of weights and 784 inputs, which run in a few tenths of a millisecond.</summary>
    public static byte[] ThreeMegabytes()
    {
        var random = new Random(1);
        var graph = new GraphProto { Name = "mlp" };
        graph.Input.Add(Value("x", 784));
        graph.Output.Add(Value("y", 10));
        int[] widths = [784, 640, 384, 10];
        string value = "x";
        for (int i = 0; i + 1 < widths.Length; i++)
        {
            float[] weights = [.. Enumerable.Range(0, widths[i] * widths[i + 1]).Select(_ => (float)(random.NextDouble() - 0.5) / 10)];
            graph.Initializer.Add(TensorEditor.FromFloats($"w{i}", weights, [widths[i], widths[i + 1]]));
            string product = i + 2 == widths.Length ? "y" : $"p{i}";
            graph.Node.Add(new NodeProto { OpType = "MatMul", Name = $"m{i}", Input = { value, $"w{i}" }, Output = { product } });
            if (product != "y")
            {
                graph.Node.Add(new NodeProto { OpType = "Relu", Name = $"r{i}", Input = { product }, Output = { $"v{i}" } });
                value = $"v{i}";
            }
        }

        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        return model.ToByteArray();
    }

    /// <summary>The same model with its first weights scaled, so that its answers can be told apart.</summary>
    public static byte[] Scaled(byte[] model, float factor)
    {
        ModelProto copy = OnnxModel.FromBytes(model, "the model").Clone().Proto;
        TensorProto first = copy.Graph.Initializer.First(i => i.DataType == (int)TensorProto.Types.DataType.Float && i.Dims.Count > 1);
        int place = copy.Graph.Initializer.IndexOf(first);
        copy.Graph.Initializer[place] = TensorEditor.FromFloats(first.Name, [.. TensorReader.ToFloats(first).Select(w => w * factor)], [.. first.Dims]);
        return copy.ToByteArray();
    }

    /// <summary>Seeded inputs as an .npz.</summary>
    public static byte[] Request(NamedValues inputs)
    {
        using var stream = new MemoryStream();
        Npz.Write(stream, inputs);
        return stream.ToArray();
    }

    /// <summary>The same inputs as JSON; numbers as floats print themselves.</summary>
    public static byte[] JsonRequest(NamedValues inputs) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
    {
        inputs = inputs.ToDictionary(i => i.Key, i => new { shape = i.Value.GetTensorTypeAndShape().Shape, data = i.Value.GetTensorDataAsSpan<float>().ToArray() }),
    });

    private static ValueInfoProto Value(string name, long width)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = width });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } } };
    }
}
