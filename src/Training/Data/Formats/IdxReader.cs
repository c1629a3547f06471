using System.Buffers.Binary;
using EdgePrune.Onnx;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data.Formats;

/// <summary>
/// IDX, the format of MNIST and its relatives, plain or gzipped: two zero bytes, a type, the number of axes, the
/// dimensions and the data, all big endian. The labels lie in a second file whose name differs by convention.
/// </summary>
internal static class IdxReader
{
    public static RawData Read(string path, DatasetOptions options)
    {
        string name = Path.GetFileName(path);
        if (name.Contains("labels", StringComparison.OrdinalIgnoreCase))
        {
            throw new InputException($"{path}: holds labels; name the file of the images ('-images-' in place of '-labels-'), the labels are found from it");
        }

        DataArray images = ReadArray(path, "input", options.ResidentBytes);
        string? labelsPath = LabelCandidates(path).FirstOrDefault(File.Exists);
        return new RawData([images], labelsPath is null ? null : LabelReader.FromArray((ResidentArray)ReadArray(labelsPath, "labels", long.MaxValue)));
    }

    /// <summary>Whether a file starts as an IDX file does.</summary>
    public static bool Recognises(string path)
    {
        using Stream stream = BoundedReader.Open(path);
        Span<byte> magic = stackalloc byte[4];
        try
        {
            return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4
                && magic[0] == 0 && magic[1] == 0 && ElementType(magic[2]) is not null && magic[3] is > 0 and <= DataLimits.Rank;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Where the labels of an images file may lie, most likely first.</summary>
    public static IEnumerable<string> LabelCandidates(string imagesPath)
    {
        string folder = Path.GetDirectoryName(imagesPath) ?? string.Empty;
        string name = Path.GetFileName(imagesPath);
        int at = name.LastIndexOf("images", StringComparison.Ordinal);
        if (at < 0)
        {
            yield break;
        }

        // Labels have one axis: idx3 (or idx4) of the images becomes idx1.
        string rest = name[(at + "images".Length)..].Replace("idx3", "idx1", StringComparison.Ordinal).Replace("idx4", "idx1", StringComparison.Ordinal);
        string labels = name[..at] + "labels" + rest;
        yield return Path.Combine(folder, labels);
        yield return Path.Combine(folder, labels.EndsWith(".gz", StringComparison.Ordinal) ? labels[..^3] : labels + ".gz");
    }

    private static DataArray ReadArray(string path, string name, long residentBytes)
    {
        using Stream stream = BoundedReader.Open(path);
        byte[] magic = BoundedReader.ReadExactly(stream, 4, path);
        if (magic[0] != 0 || magic[1] != 0 || ElementType(magic[2]) is not TensorElementType type || magic[3] == 0)
        {
            throw new InputException($"{path}: is not an IDX file (it starts with {Convert.ToHexString(magic)}; expected 0000, a type 08..0E and the number of axes)");
        }

        if (magic[3] > DataLimits.Rank)
        {
            throw new InputException($"{path}: {magic[3]} axes; at most {DataLimits.Rank} are supported");
        }

        byte[] header = BoundedReader.ReadExactly(stream, 4 * magic[3], path);
        long[] shape = [.. Enumerable.Range(0, magic[3]).Select(axis => (long)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 * axis)))];
        if (stream is FileStream file && file.Length > residentBytes)
        {
            return FileArray.Open(name, path, type, shape, file.Position, bigEndian: true);
        }

        byte[] bytes = BoundedReader.ReadExactly(stream, DataArray.CheckedBytes(shape, type, path), path);
        BoundedReader.RequireEnd(stream, path);
        int element = ElementKind.Size(type);
        for (int at = 0; element > 1 && at < bytes.Length; at += element)
        {
            bytes.AsSpan(at, element).Reverse();
        }

        return new ResidentArray(name, path, type, [.. shape.Select(dim => (int)dim)], bytes);
    }

    private static TensorElementType? ElementType(byte code) => code switch
    {
        0x08 => TensorElementType.UInt8,
        0x09 => TensorElementType.Int8,
        0x0B => TensorElementType.Int16,
        0x0C => TensorElementType.Int32,
        0x0D => TensorElementType.Float,
        0x0E => TensorElementType.Double,
        _ => null,
    };
}
