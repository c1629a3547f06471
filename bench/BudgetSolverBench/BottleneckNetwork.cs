using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;

namespace BudgetSolverBench;

/// <summary>The layers of ResNet-50 (He et al. 2015, table 1) with normalisation folded and weights of zero, for images of 64 by 64.</summary>
internal sealed class BottleneckNetwork
{
    private readonly GraphProto graph = new() { Name = "bottlenecks" };

    public static OnnxModel Make()
    {
        var n = new BottleneckNetwork();
        var input = new ValueInfoProto { Name = "x", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = new TensorShapeProto() } } };
        input.Type.TensorType.Shape.Dim.Add(new[] { 1L, 3, 64, 64 }.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        n.graph.Input.Add(input);
        string y = n.Node("Relu", n.Conv("x", 3, 64, 7, 2));
        y = n.Node("MaxPool", [new AttributeProto { Name = "kernel_shape", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 2, 2 } }, new AttributeProto { Name = "strides", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 2, 2 } }], y);
        int width = 64;
        foreach ((int blocks, int inner, int stride) in new[] { (3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2) })
        {
            for (int block = 0; block < blocks; block++)
            {
                int step = block == 0 ? stride : 1;
                string branch = n.Node("Relu", n.Conv(y, width, inner, 1, 1));
                branch = n.Node("Relu", n.Conv(branch, inner, inner, 3, step));
                branch = n.Conv(branch, inner, 4 * inner, 1, 1);
                string skip = block == 0 ? n.Conv(y, width, 4 * inner, 1, step) : y;
                y = n.Node("Relu", n.Node("Add", branch, skip));
                width = 4 * inner;
            }
        }

        string features = n.Node("Flatten", n.Node("GlobalAveragePool", y));
        string scores = n.Node("Gemm", features, n.Weights(width, 1000));
        n.graph.Output.Add(new ValueInfoProto { Name = scores, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } });
        var model = new ModelProto { IrVersion = 8, Graph = n.graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        return OnnxModel.FromProto(model);
    }

    private string Conv(string x, int from, int to, int kernel, int stride) => Node(
        "Conv",
        [
            Ints("kernel_shape", kernel, kernel),
            Ints("strides", stride, stride),
            Ints("pads", kernel / 2, kernel / 2, kernel / 2, kernel / 2),
        ],
        x,
        Weights(to, from, kernel, kernel));

    private string Weights(params int[] dims)
    {
        var tensor = new TensorProto { Name = $"w{graph.Initializer.Count}", DataType = 1 };
        tensor.Dims.Add(dims.Select(d => (long)d));
        tensor.RawData = Google.Protobuf.ByteString.CopyFrom(new byte[dims.Aggregate(4, (product, d) => product * d)]);
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string Node(string op, params string[] inputs) => Node(op, [], inputs);

    private string Node(string op, AttributeProto[] attributes, params string[] inputs)
    {
        var node = new NodeProto { OpType = op, Name = $"n{graph.Node.Count}" };
        node.Input.Add(inputs);
        node.Output.Add($"v{graph.Node.Count}");
        node.Attribute.Add(attributes);
        graph.Node.Add(node);
        return node.Output[0];
    }

    private static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }
}
