using EdgePrune.Onnx;
using EdgePrune.Training.Data.Formats;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.Win32.SafeHandles;

namespace EdgePrune.Training.Data;

/// <summary>
/// An array that stays in its file and is read sample by sample, for data larger than memory. Read by position, not mapped: a
/// file that becomes shorter is an error then, and no fault of the process. Fit for several threads at once.
/// </summary>
internal sealed class FileArray : DataArray
{
    private readonly SafeFileHandle file;
    private readonly long start;
    private readonly bool bigEndian;

    private FileArray(string name, string path, TensorElementType type, int[] shape, SafeFileHandle file, long start, bool bigEndian)
        : base(name, path, type, shape)
    {
        this.file = file;
        this.start = start;
        this.bigEndian = bigEndian;
    }

    public override long ResidentBytes => 0;

    /// <summary>Opens the array; the file must hold exactly what the shape tells of.</summary>
    /// <param name="name">Name within the dataset.</param>
    /// <param name="path">An ordinary file, not packed.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Shape with the sample axis first, row-major.</param>
    /// <param name="start">Where the first element lies.</param>
    /// <param name="bigEndian">Whether the elements are big endian.</param>
    public static FileArray Open(string name, string path, TensorElementType type, ReadOnlySpan<long> shape, long start, bool bigEndian)
    {
        long bytes = CheckedStreamBytes(shape, type, path);
        using FileStream stream = BoundedReader.OpenFile(path);
        if (stream.Length != start + bytes)
        {
            throw new InputException($"{path}: holds {stream.Length - start:N0} bytes of data where its header or name tells of {bytes:N0}; the file is truncated, or has more behind the array");
        }

        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
        return new FileArray(name, path, type, [.. shape.ToArray().Select(dim => (int)dim)], handle, start, bigEndian);
    }

    public override ReadOnlySpan<byte> Row(int row, Span<byte> buffer)
    {
        Span<byte> into = buffer[..RowBytes];
        int filled = 0;
        try
        {
            while (filled < into.Length)
            {
                int got = RandomAccess.Read(file, into[filled..], start + ((long)row * RowBytes) + filled);
                if (got == 0)
                {
                    throw new InputException($"{Source}: ends inside sample {row}; the file has become shorter since it was opened");
                }

                filled += got;
            }
        }
        catch (IOException error)
        {
            throw new InputException($"{Source}: sample {row} cannot be read: {error.Message}", error);
        }

        int size = ElementKind.Size(Type);
        for (int at = 0; bigEndian && size > 1 && at < into.Length; at += size)
        {
            into.Slice(at, size).Reverse();
        }

        RequireFinite(into, row);
        return into;
    }

    // One sample is held in memory, and the number of samples in an int; the whole may be as large as the disk.
    private static long CheckedStreamBytes(ReadOnlySpan<long> shape, TensorElementType type, string path)
    {
        if (shape.Length == 0 || shape[0] > int.MaxValue)
        {
            throw new InputException($"{path}: shape [{string.Join(", ", shape.ToArray())}] cannot be read by sample; expected at most {int.MaxValue:N0} samples on the first axis");
        }

        return CheckedBytes([1, .. shape[1..]], type, path) * Math.Max(shape[0], 0);
    }
}
