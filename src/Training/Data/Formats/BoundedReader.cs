using System.IO.Compression;
using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Formats;

/// <summary>Reads what a header promises without believing it: memory grows with the bytes that really arrive.</summary>
internal static class BoundedReader
{
    private const int FirstChunk = 1 << 20;

    /// <summary>Exactly <paramref name="count"/> bytes.</summary>
    public static byte[] ReadExactly(Stream stream, long count, string what)
    {
        byte[] bytes = new byte[Math.Min(count, FirstChunk)];
        int filled = 0;
        while (true)
        {
            int got = Read(stream, bytes.AsSpan(filled), what);
            filled += got;
            if (filled == count)
            {
                return bytes;
            }

            if (got == 0)
            {
                throw new InputException($"{what}: ends after {filled:N0} bytes of data, its header promises {count:N0}; the file is truncated");
            }

            if (filled == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(count, bytes.Length * 2L));
            }
        }
    }

    /// <summary>Everything up to the end, refused above <paramref name="limit"/> bytes.</summary>
    public static byte[] ReadAll(Stream stream, long limit, string what)
    {
        using MemoryStream all = new();
        byte[] chunk = new byte[81_920];
        for (int got; (got = Read(stream, chunk, what)) > 0;)
        {
            if (all.Length + got > limit)
            {
                throw new InputException($"{what}: holds more than {limit:N0} bytes once unpacked; expected a smaller file");
            }

            all.Write(chunk, 0, got);
        }

        return all.ToArray();
    }

    public static void RequireEnd(Stream stream, string what)
    {
        Span<byte> one = stackalloc byte[1];
        if (Read(stream, one, what) != 0)
        {
            throw new InputException($"{what}: has more data than its header tells of; expected the data to end with the array");
        }
    }

    /// <summary>The file, gunzipped where it starts with gzip's magic bytes.</summary>
    public static Stream Open(string path)
    {
        FileStream file = OpenFile(path);
        Span<byte> magic = stackalloc byte[2];
        int got = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return got == 2 && magic[0] == 0x1f && magic[1] == 0x8b ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    public static FileStream OpenFile(string path)
    {
        try
        {
            FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length == 0)
            {
                file.Dispose();
                throw new InputException($"{path}: is empty; expected data");
            }

            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InputException($"{path}: cannot be opened: {error.Message}", error);
        }
    }

    private static int Read(Stream stream, Span<byte> into, string what)
    {
        try
        {
            return stream.Read(into);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new InputException($"{what}: cannot be unpacked or read: {error.Message}", error);
        }
    }
}
