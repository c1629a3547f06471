using System.Diagnostics.CodeAnalysis;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Pruner.Calibration;

/// <summary>
/// A node that multiplies a computed value by constant weights: Conv (with groups, depthwise), Gemm, or MatMul with a matrix. Its weights
/// are seen as a matrix a group: a row an output, a column for each input and place of the kernel.
/// </summary>
/// <param name="Node">The node.</param>
/// <param name="Weights">Name of the weights.</param>
/// <param name="Dims">Their dimensions.</param>
/// <param name="Groups">Groups of a convolution; 1 elsewhere.</param>
/// <param name="Outputs">Rows of all groups together.</param>
/// <param name="Inputs">Inputs that one row reads.</param>
/// <param name="Kernel">Places of the kernel; 1 for a matrix.</param>
internal sealed record LinearLayer(NodeProto Node, string Weights, int[] Dims, int Groups, int Outputs, int Inputs, int Kernel)
{
    /// <summary>The computed value that is multiplied.</summary>
    public string Data => Node.Input[0];

    /// <summary>What the layer makes.</summary>
    public string Output => Node.Output[0];

    /// <summary>The bias, or null; a MatMul has none.</summary>
    public string? Bias => Node.OpType == "MatMul" ? null : Node.InputAt(2);

    public bool IsConv => Node.OpType == "Conv";

    /// <summary>Columns of a row.</summary>
    public int Columns => Inputs * Kernel;

    /// <summary>Rows of a group.</summary>
    public int GroupOutputs => Outputs / Groups;

    /// <summary>The axis of the data that the weights run over: 1 of a convolution, the last of a matrix product.</summary>
    public int DataAxis(int rank) => IsConv ? 1 : rank - 1;

    /// <summary>The axis of the output that rows lie along.</summary>
    public int OutputAxis(int rank) => IsConv ? 1 : rank - 1;

    /// <summary>Place of a weight in the tensor.</summary>
    /// <param name="output">Row, counted over all groups.</param>
    /// <param name="column">Input within the group, times <see cref="Kernel"/>, plus place of the kernel.</param>
    public int Offset(int output, int column) => IsConv || IsTransposed ? (output * Columns) + column : (column * Outputs) + output;

    /// <summary>Index along the data's axis of the input that a weight reads.</summary>
    public int InputOf(int output, int column) => (output / GroupOutputs * Inputs) + (column / Kernel);

    private bool IsTransposed => Node.OpType == "Gemm" && Node.GetInt("transB", 0) != 0;

    /// <summary>The layer that a node is, where it is one.</summary>
    public static bool TryOf(GraphIndex index, NodeProto node, [NotNullWhen(true)] out LinearLayer? layer)
    {
        layer = null;
        if (!node.IsStandard() || node.OpType is not ("Conv" or "Gemm" or "MatMul") || index.Constant(node.Input[0]) is not null
            || index.Constant(node.InputAt(1)) is not { } weights || (node.OpType == "Gemm" && node.GetInt("transA", 0) != 0))
        {
            return false;
        }

        int[] dims = TensorReader.Dims(weights);
        if (node.OpType == "Conv" && dims.Length >= 3)
        {
            layer = new LinearLayer(node, node.Input[1], dims, (int)node.GetInt("group", 1), dims[0], dims[1], dims[2..].Aggregate(1, (a, d) => a * d));
        }
        else if (node.OpType != "Conv" && dims.Length == 2)
        {
            bool transposed = node.GetInt("transB", 0) != 0;
            layer = new LinearLayer(node, node.Input[1], dims, 1, dims[transposed ? 0 : 1], dims[transposed ? 1 : 0], 1);
        }

        return layer is not null;
    }

    /// <summary>All of a graph, in order.</summary>
    public static IReadOnlyList<LinearLayer> Of(GraphProto graph)
    {
        var index = new GraphIndex(graph);
        return [.. graph.Node.Select(n => TryOf(index, n, out LinearLayer? layer) ? layer : null).OfType<LinearLayer>()];
    }
}
