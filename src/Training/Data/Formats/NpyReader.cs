using EdgePrune.Onnx.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data.Formats;

/// <summary>
/// NumPy's .npy, format versions 1 to 3 (numpy.lib.format): numbers of any byte order and both memory orders, turned
/// into little-endian row-major. Pickled objects are never read.
/// </summary>
internal static class NpyReader
{
    /// <param name="stream">At the first byte of the magic.</param>
    /// <param name="name">What the array will be called.</param>
    /// <param name="what">File, and entry within it, for messages.</param>
    public static ResidentArray Read(Stream stream, string name, string what) => ReadData(stream, NpyHeader.Read(stream, what), name, what);

    /// <summary>An array file: in memory up to <paramref name="residentBytes"/>, beyond that read by sample.</summary>
    public static DataArray Open(string path, string name, long residentBytes)
    {
        using FileStream file = BoundedReader.OpenFile(path);
        NpyHeader header = NpyHeader.Read(file, path);
        TensorElementType type = header.ElementType(path, out bool bigEndian);
        return header.FortranOrder || file.Length <= residentBytes
            ? ReadData(file, header, name, path)
            : FileArray.Open(name, path, type, header.Shape, file.Position, bigEndian);
    }

    private static ResidentArray ReadData(Stream stream, NpyHeader header, string name, string what)
    {
        TensorElementType type = header.ElementType(what, out bool bigEndian);
        long size = DataArray.CheckedBytes(header.Shape, type, what);
        byte[] bytes = BoundedReader.ReadExactly(stream, size, what);
        BoundedReader.RequireEnd(stream, what);

        NpyElements.Normalise(bytes, header.Shape, ElementKind.Size(type), bigEndian, header.FortranOrder);
        return new ResidentArray(name, what, type, [.. header.Shape.Select(dim => (int)dim)], bytes);
    }
}
