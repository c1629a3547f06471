using System.Text.RegularExpressions;
using EdgePrune.Onnx;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data.Formats;

/// <summary>
/// Bare little-endian numbers whose file name gives shape and type in either order, as in <c>specs_f32_45x30x1x40.bin</c>
/// or <c>text_400x48x320_u8.bin.gz</c>. Labels lie in the one file of the folder that is called alike, with "labels"
/// in place of what is particular to the inputs, and hold one number a sample.
/// </summary>
internal static partial class RawBinary
{
    public static RawData Read(string path, DatasetOptions options)
    {
        string name = Path.GetFileName(path);
        Match shape = ShapePattern().Match(name);
        if (!shape.Success || ElementType(name) is not TensorElementType type)
        {
            throw new InputException($"{path}: the name of a file of bare numbers must give type (u8, i8, i16, i32, i64, f16, f32, f64) and shape, as in 'inputs_f32_100x3x32x32.bin'");
        }

        long[] dims = [.. shape.Groups[1].Value.Split('x').Select(dim => long.TryParse(dim, out long value) ? value : long.MaxValue)];
        DataArray input = ReadArray(path, "input", type, dims, options.ResidentBytes);
        string? labels = LabelsBeside(path, name[..Math.Min(shape.Index, TypePattern().Match(name).Index)]);
        if (labels is null)
        {
            return new RawData([input], null);
        }

        TensorElementType labelType = ElementType(Path.GetFileName(labels))!.Value;
        return new RawData([input], LabelReader.FromArray((ResidentArray)ReadArray(labels, "labels", labelType, [dims[0]], long.MaxValue)));
    }

    private static DataArray ReadArray(string path, string name, TensorElementType type, long[] dims, long residentBytes)
    {
        using Stream stream = BoundedReader.Open(path);
        if (stream is FileStream file && file.Length > residentBytes)
        {
            return FileArray.Open(name, path, type, dims, 0, bigEndian: false);
        }

        byte[] bytes = BoundedReader.ReadExactly(stream, DataArray.CheckedBytes(dims, type, path), path);
        BoundedReader.RequireEnd(stream, path);
        return new ResidentArray(name, path, type, [.. dims.Select(dim => (int)dim)], bytes);
    }

    /// <summary>'set_specs_f32_…' and 'set_labels_u8' share 'set_': the labels of the longest such start.</summary>
    private static string? LabelsBeside(string path, string start)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
        string stem = start.TrimEnd('_', '-');
        int cut = stem.LastIndexOfAny(['_', '-']);
        string prefix = cut < 0 ? string.Empty : stem[..(cut + 1)];
        return Directory.EnumerateFiles(folder)
            .Where(file => Path.GetFileName(file) is { } name && name.StartsWith(prefix + "labels", StringComparison.Ordinal)
                && name.Contains(".bin", StringComparison.Ordinal) && ElementType(name) is not null)
            .Order(StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private static TensorElementType? ElementType(string name) => TypePattern().Match(name).Groups[1].Value switch
    {
        "u8" => TensorElementType.UInt8,
        "i8" => TensorElementType.Int8,
        "i16" => TensorElementType.Int16,
        "i32" => TensorElementType.Int32,
        "i64" => TensorElementType.Int64,
        "f16" => TensorElementType.Float16,
        "f32" => TensorElementType.Float,
        "f64" => TensorElementType.Double,
        _ => null,
    };

    [GeneratedRegex(@"(?<=[_\-.]|^)([0-9]+(?:x[0-9]+)+)(?=[_\-.])")]
    private static partial Regex ShapePattern();

    [GeneratedRegex(@"(?<=[_\-.]|^)(u8|i8|i16|i32|i64|f16|f32|f64)(?=[_\-.])")]
    private static partial Regex TypePattern();
}
