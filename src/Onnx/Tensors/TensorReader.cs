using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgePrune.Onnx.Proto;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Onnx.Tensors;

/// <summary>Typed access to the values of a <see cref="TensorProto"/>, wherever the file put them (raw bytes or typed fields).</summary>
public static class TensorReader
{
    /// <summary>The dimensions as <c>int</c>; models with an axis beyond 2³¹ are refused.</summary>
    public static int[] Dims(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return [.. tensor.Dims.Select(d => d is >= 0 and <= int.MaxValue ? (int)d : throw new InputException($"{Describe(tensor)}: dimension {d} is out of range"))];
    }

    /// <summary>Number of elements.</summary>
    public static long Count(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return ElementTypes.Count(tensor.Dims, Describe(tensor));
    }

    /// <summary>
    /// Checks that the declared dimensions and type agree with the data that is there; throws <see cref="InputException"/> where not.
    /// </summary>
    public static void Check(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        string what = Describe(tensor);
        long count = Count(tensor);
        DataType type = ElementTypes.TypeOf(tensor);
        if (tensor.Segment is not null)
        {
            throw new InputException($"{what}: is stored in segments, which no runtime reads");
        }

        int typed = tensor.FloatData.Count + tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.DoubleData.Count + tensor.Uint64Data.Count + tensor.StringData.Count;
        if (tensor.HasRawData && tensor.RawData.Length > 0 && typed > 0)
        {
            throw new InputException($"{what}: has raw data and values in a typed field; only one may be there");
        }

        if (type == DataType.String)
        {
            Expect(what, "strings", tensor.StringData.Count, count);
            return;
        }

        long bytes = ElementTypes.Bytes(type, count, what);
        if (tensor.HasRawData)
        {
            Expect(what, "bytes of raw data", tensor.RawData.Length, bytes);
            return;
        }

        (string field, long have, long want) = type switch
        {
            DataType.Float => ("float_data", tensor.FloatData.Count, count),
            DataType.Complex64 => ("float_data", tensor.FloatData.Count, 2 * count),
            DataType.Double => ("double_data", tensor.DoubleData.Count, count),
            DataType.Complex128 => ("double_data", tensor.DoubleData.Count, 2 * count),
            DataType.Int64 => ("int64_data", tensor.Int64Data.Count, count),
            DataType.Uint32 or DataType.Uint64 => ("uint64_data", tensor.Uint64Data.Count, count),
            DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => ("int32_data", tensor.Int32Data.Count, (count + 1) / 2),
            _ => ("int32_data", tensor.Int32Data.Count, count),
        };
        Expect(what, $"values in {field}", have, want);
    }

    /// <summary>The values as little-endian bytes, the form of <c>raw_data</c>.</summary>
    public static byte[] ToRaw(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Check(tensor);
        if (tensor.HasRawData)
        {
            return tensor.RawData.ToByteArray();
        }

        return ElementTypes.TypeOf(tensor) switch
        {
            DataType.Float or DataType.Complex64 => Pack<float>(tensor.FloatData, BinaryPrimitives.WriteSingleLittleEndian),
            DataType.Double or DataType.Complex128 => Pack<double>(tensor.DoubleData, BinaryPrimitives.WriteDoubleLittleEndian),
            DataType.Int64 => Pack<long>(tensor.Int64Data, BinaryPrimitives.WriteInt64LittleEndian),
            DataType.Uint64 => Pack<ulong>(tensor.Uint64Data, BinaryPrimitives.WriteUInt64LittleEndian),
            DataType.Uint32 => Pack<uint>([.. tensor.Uint64Data.Select(v => (uint)v)], BinaryPrimitives.WriteUInt32LittleEndian),
            DataType.Int32 => Pack<int>(tensor.Int32Data, BinaryPrimitives.WriteInt32LittleEndian),
            DataType.Int16 or DataType.Uint16 or DataType.Float16 or DataType.Bfloat16 =>
                Pack<ushort>([.. tensor.Int32Data.Select(v => (ushort)v)], BinaryPrimitives.WriteUInt16LittleEndian),
            DataType.String => throw new InputException($"{Describe(tensor)}: strings have no raw form"),
            _ => [.. tensor.Int32Data.Select(v => (byte)v)],
        };
    }

    /// <summary>The values as <c>float</c>: float, double, float16, bfloat16 and every integer type.</summary>
    public static float[] ToFloats(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (ElementTypes.TypeOf(tensor) == DataType.Float && !tensor.HasRawData)
        {
            Check(tensor);
            return [.. tensor.FloatData];
        }

        byte[] raw = ToRaw(tensor);
        DataType type = ElementTypes.TypeOf(tensor);
        return type switch
        {
            DataType.Float => Unpack(raw, 4, BinaryPrimitives.ReadSingleLittleEndian),
            DataType.Double => Unpack(raw, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
            DataType.Float16 => Unpack(raw, 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
            DataType.Bfloat16 => Unpack(raw, 2, b => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(b) << 16)),
            DataType.Uint64 => Unpack(raw, 8, b => (float)BinaryPrimitives.ReadUInt64LittleEndian(b)),
            _ => Array.ConvertAll(ToInts(tensor), v => (float)v),
        };
    }

    /// <summary>The values as <c>long</c>: every integer type and bool.</summary>
    public static long[] ToInts(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        byte[] raw = ToRaw(tensor);
        return ElementTypes.TypeOf(tensor) switch
        {
            DataType.Int64 => Unpack(raw, 8, BinaryPrimitives.ReadInt64LittleEndian),
            DataType.Uint64 => Unpack(raw, 8, b => Signed(tensor, BinaryPrimitives.ReadUInt64LittleEndian(b))),
            DataType.Int32 => Unpack(raw, 4, b => (long)BinaryPrimitives.ReadInt32LittleEndian(b)),
            DataType.Uint32 => Unpack(raw, 4, b => (long)BinaryPrimitives.ReadUInt32LittleEndian(b)),
            DataType.Int16 => Unpack(raw, 2, b => (long)BinaryPrimitives.ReadInt16LittleEndian(b)),
            DataType.Uint16 => Unpack(raw, 2, b => (long)BinaryPrimitives.ReadUInt16LittleEndian(b)),
            DataType.Int8 => Unpack(raw, 1, b => (long)(sbyte)b[0]),
            DataType.Uint8 or DataType.Bool => Unpack(raw, 1, b => (long)b[0]),
            DataType other => throw new InputException($"{Describe(tensor)}: holds {other}, integers were expected"),
        };
    }

    /// <summary>How an error names a tensor.</summary>
    public static string Describe(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Name.Length == 0 ? "a tensor without a name" : $"tensor '{Printable.Name(tensor.Name)}'";
    }

    private static long Signed(TensorProto tensor, ulong value) =>
        value <= long.MaxValue ? (long)value : throw new InputException($"{Describe(tensor)}: {value} does not fit a signed integer");

    private delegate void Writer<T>(Span<byte> destination, T value);

    private delegate T Reader<out T>(ReadOnlySpan<byte> source);

    private static byte[] Pack<T>(IReadOnlyList<T> values, Writer<T> write)
        where T : unmanaged
    {
        int size = Marshal.SizeOf<T>();
        byte[] bytes = new byte[checked(size * values.Count)];
        for (int i = 0; i < values.Count; i++)
        {
            write(bytes.AsSpan(i * size), values[i]);
        }

        return bytes;
    }

    private static T[] Unpack<T>(byte[] bytes, int size, Reader<T> read)
    {
        var values = new T[bytes.Length / size];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = read(bytes.AsSpan(i * size, size));
        }

        return values;
    }

    private static void Expect(string what, string field, long have, long want)
    {
        if (have != want)
        {
            throw new InputException($"{what}: its dimensions and type need {want} {field}, the file holds {have}");
        }
    }
}
