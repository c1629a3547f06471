using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Profiler.Timing;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>Builds a model of a few nodes with one input, for a workload.</summary>
internal sealed class CalibrationGraph
{
    private const int IrVersion = 8;
    private const int Opset = 17;
    private readonly GraphProto graph = new() { Name = "workload" };
    private readonly Random random;
    private string last = "input";

    public CalibrationGraph(int seed, params long[] input)
    {
        random = new Random(seed);
        graph.Input.Add(new ValueInfoProto { Name = last, Type = IsolatedModel.TensorOf(DataType.Float, input) });
    }

    /// <summary>Appends a convolution with padding that keeps the size (odd kernels, stride 1).</summary>
    public CalibrationGraph Conv(int from, int to, int kernel, int group = 1)
    {
        NodeProto node = Append("Conv", Weights(to, from / group, kernel, kernel));
        node.SetInt("group", group);
        node.SetInts("pads", Enumerable.Repeat((long)(kernel / 2), 4));
        return this;
    }

    /// <summary>Appends a product with constant weights.</summary>
    public CalibrationGraph MatMul(int from, int to)
    {
        Append("MatMul", Weights(from, to));
        return this;
    }

    /// <summary>Appends a node whose only input is the result so far.</summary>
    public CalibrationGraph Then(string op, params (string Name, long[] Value)[] attributes)
    {
        NodeProto node = Append(op);
        foreach ((string name, long[] value) in attributes)
        {
            node.SetInts(name, value);
        }

        return this;
    }

    /// <summary>Appends the sum of the result so far with itself.</summary>
    public CalibrationGraph AddToItself()
    {
        Append("Add", last);
        return this;
    }

    public byte[] Build()
    {
        graph.Output.Add(new ValueInfoProto { Name = last, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        var model = new ModelProto { IrVersion = IrVersion, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        return model.ToByteArray();
    }

    private NodeProto Append(string op, params string[] more)
    {
        var node = new NodeProto { OpType = op, Name = $"{op}_{graph.Node.Count}" };
        node.Input.Add(last);
        node.Input.Add(more);
        last = $"value_{graph.Node.Count}";
        node.Output.Add(last);
        graph.Node.Add(node);
        return node;
    }

    private string Weights(params long[] dims)
    {
        string name = $"weights_{graph.Initializer.Count}";
        float[] values = new float[dims.Aggregate(1L, (a, d) => a * d)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(random.NextDouble() - 0.5) * 0.1f;
        }

        graph.Initializer.Add(TensorEditor.FromFloats(name, values, dims));
        return name;
    }
}
