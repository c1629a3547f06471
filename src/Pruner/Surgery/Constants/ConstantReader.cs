using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Surgery.Constants;

/// <summary>A layer with weights that reads channels: a constant of theirs can be added to its bias.</summary>
/// <param name="Node">Conv, ConvTranspose, Gemm or MatMul.</param>
/// <param name="Data">The value that it reads.</param>
/// <param name="Axis">The axis of that value which it sums over.</param>
/// <param name="Pads">True where it reads zeros beyond the border.</param>
/// <param name="Refusal">Why nothing can be added to its bias exactly; null where it can.</param>
internal sealed record ConstantReader(NodeProto Node, string Data, int Axis, bool Pads, string? Refusal)
{
    /// <summary>The weights.</summary>
    public string Weights => Node.Input[1];

    /// <summary>The axis of the output that the bias runs along.</summary>
    public int OutputAxis(int rank) => Node.OpType is "Conv" or "ConvTranspose" ? 1 : rank - 1;

    /// <summary>The reader that a node is, or null.</summary>
    /// <param name="node">Any node.</param>
    /// <param name="facts">What is known of the graph.</param>
    public static ConstantReader? Of(NodeProto node, ConstantFacts facts)
    {
        if (!node.IsStandard() || node.Input.Count < 2 || !facts.IsConstant(node.Input[1]))
        {
            return null;
        }

        string x = node.Input[0];
        int rank = facts.Dims(x).Length;
        int[] weights = facts.Dims(node.Input[1]);
        string? bias = Bias(node, facts);
        switch (node.OpType)
        {
            case "Conv":
                // One input channel a group: the weights make a channel and read none.
                bool depthwise = node.GetInt("group", 1) > 1 && weights[1] == 1;
                bool pads = Padded(node);
                // The check continues the constant beyond the border, for which it has to find the layer and its pads in the file.
                bool followed = !pads || (node.GetString("auto_pad", "NOTSET") == "NOTSET" && facts.Coupling.Sources.ContainsKey(node.Input[1]));
                return depthwise ? null : new ConstantReader(node, x, 1, pads, followed ? bias : "it pads its input with zeros in a way that cannot be checked");
            case "ConvTranspose":
                bool grouped = node.GetInt("group", 1) > 1;
                return grouped && weights[1] == 1
                    ? null
                    : new ConstantReader(node, x, 1, false, grouped || !Pointwise(node, weights) ? "the positions of a transposed convolution see different parts of its kernel" : bias);
            case "Gemm":
                return new ConstantReader(node, x, node.GetInt("transA", 0) != 0 ? 0 : 1, false, bias);
            case "MatMul":
                return new ConstantReader(node, x, rank - 1, false, weights.Length == 2 ? null : "its weights are a batch of matrices");
            default:
                return null;
        }
    }

    private static string? Bias(NodeProto node, ConstantFacts facts) =>
        node.InputAt(2) is not { } bias || facts.Index.Constant(bias) is not null ? null : "its bias is computed";

    private static bool Padded(NodeProto node) => node.GetString("auto_pad", "NOTSET") switch
    {
        "NOTSET" => node.GetInts("pads")?.Any(p => p != 0) == true,
        "VALID" => false,
        _ => true,
    };

    private static bool Pointwise(NodeProto node, int[] weights) =>
        weights.Skip(2).All(k => k == 1)
        && node.GetInts("strides")?.Any(s => s != 1) != true
        && node.GetInts("pads")?.Any(p => p != 0) != true
        && node.GetInts("output_padding")?.Any(p => p != 0) != true
        && node.Find("output_shape") is null;
}
