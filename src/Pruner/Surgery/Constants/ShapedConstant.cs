using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Surgery.Constants;

/// <summary>Parameters that a ConstantOfShape node makes.</summary>
internal static class ShapedConstant
{
    /// <summary>The tensor that the node makes, or null where none makes <paramref name="value"/> from a constant shape.</summary>
    public static TensorProto? Tensor(GraphIndex index, string value)
    {
        if (index.Producer(value) is not { OpType: "ConstantOfShape" } node || index.Constant(node.Input[0]) is not { } shape)
        {
            return null;
        }

        long[] dims = TensorReader.ToInts(shape);
        long count = ElementTypes.Count(dims, value);
        TensorProto element = node.Find("value") is { T: { } given } ? given : TensorEditor.FromFloats("", [0], 1);
        byte[] one = TensorReader.ToRaw(element);
        byte[] raw = new byte[checked(count * one.Length)];
        for (int i = 0; i < raw.Length; i += one.Length)
        {
            one.CopyTo(raw, i);
        }

        return TensorEditor.FromRaw(value, (DataType)element.DataType, raw, dims);
    }
}
