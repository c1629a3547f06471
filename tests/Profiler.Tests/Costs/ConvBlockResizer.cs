using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Profiler.Costs;

namespace EdgePrune.Profiler.Tests.Costs;

/// <summary>
/// Cuts blocks of plain convolutions: Conv (group 1) with BatchNormalization, Relu, Clip and a residual Add behind it. Axes: input
/// channels, output channels. Everything else is left as it is. The pruner's own resizer does this for any block.
/// </summary>
internal sealed class ConvBlockResizer : IBlockResizer
{
    public IReadOnlyList<int> FullWidths(OnnxModel block)
    {
        NodeProto? conv = Plain(block);
        TensorProto? weight = conv is null ? null : Weight(block, conv);
        return weight is null ? [] : [(int)weight.Dims[1], (int)weight.Dims[0]];
    }

    public OnnxModel Resize(OnnxModel block, IReadOnlyList<int> widths)
    {
        NodeProto conv = Plain(block) ?? throw new InvalidOperationException("no plain convolution");
        TensorProto weight = Weight(block, conv)!;
        long outputs = weight.Dims[0];
        OnnxModel cut = block.Clone();
        int[] keepIn = [.. Enumerable.Range(0, widths[0])];
        int[] keepOut = [.. Enumerable.Range(0, widths[1])];
        for (int i = 0; i < cut.Graph.Initializer.Count; i++)
        {
            TensorProto tensor = cut.Graph.Initializer[i];
            cut.Graph.Initializer[i] = tensor.Name == weight.Name
                ? TensorEditor.Take(TensorEditor.Take(tensor, 0, keepOut), 1, keepIn)
                : tensor.Dims.Count == 1 && tensor.Dims[0] == outputs ? TensorEditor.Take(tensor, 0, keepOut) : tensor;
        }

        foreach (ValueInfoProto value in cut.Graph.Input.Concat(cut.Graph.Output))
        {
            value.Type.TensorType.Shape.Dim[1].DimValue = value.Name == conv.Input[0] ? widths[0] : widths[1];
        }

        return cut;
    }

    private static NodeProto? Plain(OnnxModel block)
    {
        bool known = block.Graph.Node.All(n => n.OpType is "Conv" or "BatchNormalization" or "Relu" or "Clip" or "Add");
        NodeProto[] convs = [.. block.Graph.Node.Where(n => n.OpType == "Conv")];
        return known && convs is [var only] && only.Attribute.All(a => a.Name != "group" || a.I == 1) ? only : null;
    }

    private static TensorProto? Weight(OnnxModel block, NodeProto conv) =>
        block.Graph.Initializer.FirstOrDefault(t => t.Name == conv.Input[1]);
}
