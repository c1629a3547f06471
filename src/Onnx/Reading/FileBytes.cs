using System.Runtime.InteropServices;

namespace EdgePrune.Onnx.Reading;

/// <summary>
/// The bytes of a file while it is parsed, outside the managed heap: there the copy of a large model would live on long after the
/// last use of it, and count against the board's memory.
/// </summary>
internal sealed unsafe class FileBytes : IDisposable
{
    private readonly int length;
    private byte* start;

    private FileBytes(int length)
    {
        this.length = length;
        start = (byte*)NativeMemory.Alloc((nuint)length);
    }

    public ReadOnlySpan<byte> Span => new(start, length);

    /// <summary>Reads a file of at most <see cref="Array.MaxLength"/> bytes from its beginning.</summary>
    /// <exception cref="IOException">It cannot be read, or has become shorter.</exception>
    public static FileBytes Read(FileStream file)
    {
        var bytes = new FileBytes(checked((int)file.Length));
        try
        {
            file.ReadExactly(new Span<byte>(bytes.start, bytes.length));
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>The same bytes; the stream must not outlive them.</summary>
    public Stream AsStream() => new UnmanagedMemoryStream(start, length);

    public void Dispose()
    {
        NativeMemory.Free(start);
        start = null;
    }
}
