using System.Buffers.Binary;
using System.Text;
using EdgePrune.Onnx;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data.Formats;

/// <summary>
/// NumPy's .npy, format versions 1 to 3 (numpy.lib.format): numbers of any byte order and both memory orders, turned
/// into little-endian row-major. Pickled objects are never read.
/// </summary>
internal static class NpyReader
{
    private const int HeaderLimit = 65_536;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <param name="stream">At the first byte of the magic.</param>
    /// <param name="name">What the array will be called.</param>
    /// <param name="what">File, and entry within it, for messages.</param>
    public static ResidentArray Read(Stream stream, string name, string what) => ReadData(stream, ReadHeader(stream, what), name, what);

    /// <summary>An array file: in memory up to <paramref name="residentBytes"/>, beyond that read by sample.</summary>
    public static DataArray Open(string path, string name, long residentBytes)
    {
        using FileStream file = BoundedReader.OpenFile(path);
        NpyHeader header = ReadHeader(file, path);
        (TensorElementType type, bool bigEndian) = ElementType(header.Descriptor, path);
        return header.FortranOrder || file.Length <= residentBytes
            ? ReadData(file, header, name, path)
            : FileArray.Open(name, path, type, header.Shape, file.Position, bigEndian);
    }

    private static NpyHeader ReadHeader(Stream stream, string what)
    {
        byte[] start = BoundedReader.ReadExactly(stream, 8, what);
        if (!start.AsSpan(0, 6).SequenceEqual(Magic))
        {
            throw new InputException($"{what}: is not a NumPy array (.npy files start with \\x93NUMPY)");
        }

        if (start[6] is < 1 or > 3)
        {
            throw new InputException($"{what}: .npy format version {start[6]} is not known; expected 1, 2 or 3");
        }

        byte[] lengthField = BoundedReader.ReadExactly(stream, start[6] == 1 ? 2 : 4, what);
        long headerLength = start[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthField) : BinaryPrimitives.ReadUInt32LittleEndian(lengthField);
        if (headerLength > HeaderLimit)
        {
            throw new InputException($"{what}: a header of {headerLength:N0} bytes; expected at most {HeaderLimit:N0}");
        }

        return NpyHeader.Parse(Encoding.UTF8.GetString(BoundedReader.ReadExactly(stream, headerLength, what)), what);
    }

    private static ResidentArray ReadData(Stream stream, NpyHeader header, string name, string what)
    {
        (TensorElementType type, bool bigEndian) = ElementType(header.Descriptor, what);
        long size = DataArray.CheckedBytes(header.Shape, type, what);
        byte[] bytes = BoundedReader.ReadExactly(stream, size, what);
        BoundedReader.RequireEnd(stream, what);

        int element = ElementKind.Size(type);
        if (bigEndian && element > 1)
        {
            for (int at = 0; at < bytes.Length; at += element)
            {
                bytes.AsSpan(at, element).Reverse();
            }
        }

        int[] shape = [.. header.Shape.Select(dim => (int)dim)];
        return new ResidentArray(name, what, type, shape, header.FortranOrder ? ToRowMajor(bytes, shape, element) : bytes);
    }

    private static (TensorElementType Type, bool BigEndian) ElementType(string descriptor, string what)
    {
        if (descriptor.Contains('O'))
        {
            throw new InputException($"{what}: holds pickled Python objects (dtype object), which are never loaded because they can run code; save the array with a numeric dtype");
        }

        TensorElementType? type = descriptor.Length < 3 ? null : descriptor[1..] switch
        {
            "b1" => TensorElementType.Bool,
            "u1" => TensorElementType.UInt8,
            "i1" => TensorElementType.Int8,
            "u2" => TensorElementType.UInt16,
            "i2" => TensorElementType.Int16,
            "u4" => TensorElementType.UInt32,
            "i4" => TensorElementType.Int32,
            "u8" => TensorElementType.UInt64,
            "i8" => TensorElementType.Int64,
            "f2" => TensorElementType.Float16,
            "f4" => TensorElementType.Float,
            "f8" => TensorElementType.Double,
            _ => null,
        };
        return type is not null && (descriptor[0] is '<' or '>' or '|' or '=')
            ? (type!.Value, descriptor[0] == '>')
            : throw new InputException($"{what}: element type '{descriptor}' is not supported; expected bool, integers, or float16, float32, float64");
    }

    /// <summary>Fortran order runs the first axis fastest.</summary>
    private static byte[] ToRowMajor(byte[] bytes, int[] shape, int element)
    {
        byte[] result = new byte[bytes.Length];
        int[] index = new int[shape.Length];
        for (int from = 0; from < bytes.Length; from += element)
        {
            long to = 0;
            for (int axis = 0; axis < shape.Length; axis++)
            {
                to = (to * shape[axis]) + index[axis];
            }

            bytes.AsSpan(from, element).CopyTo(result.AsSpan((int)to * element));
            for (int axis = 0; axis < shape.Length && ++index[axis] == shape[axis]; axis++)
            {
                index[axis] = 0;
            }
        }

        return result;
    }
}
