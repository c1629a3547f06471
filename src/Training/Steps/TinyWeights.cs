using System.Runtime.InteropServices;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// Weights that a penalty has driven towards zero. Gradient steps make them smaller for ever and never zero, until products of them
/// are subnormal numbers, which processors multiply tens of times more slowly than others.
/// </summary>
internal static class TinyWeights
{
    /// <summary>Of the largest of a tensor: below it a weight is lost in the rounding of a float32 sum.</summary>
    private const double Share = 1.0 / (1 << 24);

    /// <summary>Sets what is smaller than 2⁻²⁴ of the tensor's largest element to zero. Tensors of float only; others stay.</summary>
    public static void Flush(TensorProto tensor)
    {
        if (ElementTypes.TypeOf(tensor) != DataType.Float)
        {
            return;
        }

        float[] values = TensorReader.ToFloats(tensor);
        float largest = 0;
        foreach (float value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        float least = Math.Max((float)(largest * Share), 1.17549435e-38f);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Math.Abs(values[i]) < least ? 0 : values[i];
        }

        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
    }
}
