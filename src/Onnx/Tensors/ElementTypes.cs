using EdgePrune.Onnx.Proto;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Onnx.Tensors;

/// <summary>Element types of ONNX tensors and how the file stores them.</summary>
public static class ElementTypes
{
    /// <summary>Bits of one element, or 0 where the type has no fixed size (string) or is unknown.</summary>
    public static int Bits(DataType type) => type switch
    {
        DataType.Uint8 or DataType.Int8 or DataType.Bool or DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz
            or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz or DataType.Float8E8M0 => 8,
        DataType.Uint16 or DataType.Int16 or DataType.Float16 or DataType.Bfloat16 => 16,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 32,
        DataType.Int64 or DataType.Uint64 or DataType.Double or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => 4,
        _ => 0,
    };

    /// <summary>The element type of a tensor.</summary>
    public static DataType TypeOf(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return (DataType)tensor.DataType;
    }

    /// <summary>Number of elements; throws where a dimension is negative or the product does not fit.</summary>
    public static long Count(IEnumerable<long> dims, string what)
    {
        ArgumentNullException.ThrowIfNull(dims);
        UInt128 product = 1;
        bool empty = false;
        foreach (long dim in dims)
        {
            if (dim < 0)
            {
                throw new InputException($"{what}: dimension {dim} is negative");
            }

            empty |= dim == 0;
            // A zero may stand behind absurd dimensions; the product of the others is still held to the limit.
            product *= (UInt128)(dim == 0 ? 1 : dim);
            if (product > long.MaxValue)
            {
                throw new InputException($"{what}: dimensions {Printable.Dims(dims)} are more elements than any memory holds");
            }
        }

        return empty ? 0 : (long)product;
    }

    /// <summary>Bytes that <paramref name="count"/> elements take; throws where that does not fit.</summary>
    public static long Bytes(DataType type, long count, string what)
    {
        int bits = Bits(type);
        if (bits == 0)
        {
            throw new InputException($"{what}: element type {(Enum.IsDefined(type) ? type.ToString() : ((int)type).ToString())} has no fixed size");
        }

        UInt128 bytes = (((UInt128)(ulong)count * (UInt128)bits) + 7) / 8;
        return bytes <= long.MaxValue ? (long)bytes : throw new InputException($"{what}: {count} elements are more bytes than any memory holds");
    }
}
