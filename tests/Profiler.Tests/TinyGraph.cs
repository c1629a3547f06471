using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TypeProto.Types;

namespace EdgePrune.Profiler.Tests;

/// <summary>Builds small graphs for tests.</summary>
internal sealed class TinyGraph
{
    public GraphProto Graph { get; } = new() { Name = "tiny" };

    public TinyGraph Input(string name, params long[] dims)
    {
        Graph.Input.Add(Value(name, dims));
        return this;
    }

    public TinyGraph Output(string name, params long[] dims)
    {
        Graph.Output.Add(Value(name, dims));
        return this;
    }

    public TinyGraph Weight(string name, params long[] dims)
    {
        float[] values = new float[dims.Aggregate(1L, (a, b) => a * b)];
        Array.Fill(values, 0.01f);
        Graph.Initializer.Add(TensorEditor.FromFloats(name, values, dims));
        return this;
    }

    public TinyGraph Node(string op, string[] inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = output + "_node" };
        node.Input.Add(inputs);
        node.Output.Add(output);
        node.Attribute.Add(attributes);
        Graph.Node.Add(node);
        return this;
    }

    public OnnxModel Build()
    {
        var model = new ModelProto { IrVersion = 8, Graph = Graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        return OnnxModel.FromProto(model);
    }

    /// <summary>Three 1×1 convolutions on 16 channels of 8×8, the last two bridged by a residual: 49,152 MACs, 768 parameters.</summary>
    public static OnnxModel Residual() => new TinyGraph()
        .Input("x", 1, 16, 8, 8).Weight("w0", 16, 16, 1, 1).Weight("w1", 16, 16, 1, 1).Weight("w2", 16, 16, 1, 1)
        .Node("Conv", ["x", "w0"], "c0").Node("Relu", ["c0"], "r0")
        .Node("Conv", ["r0", "w1"], "c1").Node("Relu", ["c1"], "r1").Node("Conv", ["r1", "w2"], "c2")
        .Node("Add", ["c2", "r0"], "sum").Node("Relu", ["sum"], "y").Output("y", 1, 16, 8, 8).Build();

    private static ValueInfoProto Value(string name, long[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }
}
