using System.Buffers.Binary;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data;

/// <summary>The element types that data files hold and models take.</summary>
internal static class ElementKind
{
    /// <summary>Bytes of one element; 0 for a type that arrays here cannot have.</summary>
    public static int Size(TensorElementType type) => type switch
    {
        TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool => 1,
        TensorElementType.UInt16 or TensorElementType.Int16 or TensorElementType.Float16 => 2,
        TensorElementType.UInt32 or TensorElementType.Int32 or TensorElementType.Float => 4,
        TensorElementType.UInt64 or TensorElementType.Int64 or TensorElementType.Double => 8,
        _ => 0,
    };

    public static bool IsFloating(TensorElementType type) =>
        type is TensorElementType.Float16 or TensorElementType.Float or TensorElementType.Double;

    /// <summary>The element at the start of <paramref name="at"/>, little endian. 64-bit integers above 2^53 round.</summary>
    public static double Read(TensorElementType type, ReadOnlySpan<byte> at) => type switch
    {
        TensorElementType.UInt8 => at[0],
        TensorElementType.Int8 => (sbyte)at[0],
        TensorElementType.Bool => at[0] == 0 ? 0 : 1,
        TensorElementType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
        TensorElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
        TensorElementType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(at),
        TensorElementType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
        TensorElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
        TensorElementType.Float => BinaryPrimitives.ReadSingleLittleEndian(at),
        TensorElementType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(at),
        TensorElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
        TensorElementType.Double => BinaryPrimitives.ReadDoubleLittleEndian(at),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type of data arrays"),
    };

    /// <summary>Writes <paramref name="value"/>; false where an integer type cannot hold it exactly.</summary>
    public static bool TryWrite(TensorElementType type, double value, Span<byte> at)
    {
        switch (type)
        {
            case TensorElementType.Float:
                BinaryPrimitives.WriteSingleLittleEndian(at, (float)value);
                return true;
            case TensorElementType.Double:
                BinaryPrimitives.WriteDoubleLittleEndian(at, value);
                return true;
            case TensorElementType.Float16:
                BinaryPrimitives.WriteHalfLittleEndian(at, (Half)value);
                return true;
        }

        (double low, double high) = type switch
        {
            TensorElementType.UInt8 => (byte.MinValue, byte.MaxValue),
            TensorElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            TensorElementType.Bool => (0, 1),
            TensorElementType.UInt16 => (ushort.MinValue, ushort.MaxValue),
            TensorElementType.Int16 => (short.MinValue, short.MaxValue),
            TensorElementType.UInt32 => (uint.MinValue, uint.MaxValue),
            TensorElementType.Int32 => (int.MinValue, int.MaxValue),
            // Beyond 2^53 a double no longer tells neighbours apart.
            TensorElementType.UInt64 => (0, 1L << 53),
            TensorElementType.Int64 => (-(1L << 53), 1L << 53),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type of data arrays"),
        };
        if (value < low || value > high || value != Math.Truncate(value))
        {
            return false;
        }

        // Little endian and two's complement: the low bytes of the 64-bit integer are the narrower integer.
        Span<byte> wide = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(wide, (long)value);
        wide[..Size(type)].CopyTo(at);
        return true;
    }

    /// <summary>A name as NumPy spells it, for messages.</summary>
    public static string Name(TensorElementType type) => type switch
    {
        TensorElementType.Float => "float32",
        TensorElementType.Double => "float64",
        _ => type.ToString().ToLowerInvariant(),
    };
}
