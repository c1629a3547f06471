using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Onnx.Tensors;

/// <summary>The elements of a .npy array as they lie in the file.</summary>
public static class NpyElements
{
    /// <summary>Bytes of one element; 0 for a type that such arrays cannot have.</summary>
    public static int Size(TensorElementType type) => type switch
    {
        TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool => 1,
        TensorElementType.UInt16 or TensorElementType.Int16 or TensorElementType.Float16 => 2,
        TensorElementType.UInt32 or TensorElementType.Int32 or TensorElementType.Float => 4,
        TensorElementType.UInt64 or TensorElementType.Int64 or TensorElementType.Double => 8,
        _ => 0,
    };

    /// <summary>Bytes of a whole array, refused where a dimension is negative or the product above a limit.</summary>
    /// <exception cref="InputException">It is refused.</exception>
    public static long Bytes(TensorElementType type, ReadOnlySpan<long> shape, long limit, string what)
    {
        UInt128 product = (UInt128)Size(type);
        bool empty = false;
        foreach (long dimension in shape)
        {
            if (dimension < 0)
            {
                throw new InputException($"{what}: dimension {dimension} is negative");
            }

            empty |= dimension == 0;
            // A zero may stand behind absurd dimensions; the product of the others is still held to the limit.
            product *= (UInt128)Math.Max(dimension, 1);
            if (product > (UInt128)limit)
            {
                throw new InputException($"{what}: an array of more than the {limit:N0} bytes that are taken here");
            }
        }

        return empty ? 0 : (long)product;
    }

    /// <summary>Turns elements of any byte order and memory order into little-endian, row-major ones.</summary>
    /// <param name="bytes">The elements; changed in place.</param>
    /// <param name="shape">Dimensions of the array.</param>
    /// <param name="size">Bytes of one element.</param>
    /// <param name="bigEndian">Whether the highest byte comes first.</param>
    /// <param name="fortranOrder">Whether the first axis runs fastest.</param>
    public static void Normalise(Span<byte> bytes, ReadOnlySpan<long> shape, int size, bool bigEndian, bool fortranOrder)
    {
        if (bigEndian && size > 1)
        {
            for (int at = 0; at < bytes.Length; at += size)
            {
                bytes.Slice(at, size).Reverse();
            }
        }

        if (!fortranOrder || shape.Length < 2)
        {
            return;
        }

        byte[] source = bytes.ToArray();
        long[] index = new long[shape.Length];
        for (int from = 0; from < source.Length; from += size)
        {
            long to = 0;
            for (int axis = 0; axis < shape.Length; axis++)
            {
                to = (to * shape[axis]) + index[axis];
            }

            source.AsSpan(from, size).CopyTo(bytes[((int)to * size)..]);
            for (int axis = 0; axis < shape.Length && ++index[axis] == shape[axis]; axis++)
            {
                index[axis] = 0;
            }
        }
    }
}
