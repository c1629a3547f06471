using System.Buffers;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>Bytes in an array that is used again. Also a stream, and a buffer to write to, that grows.</summary>
internal sealed class PooledBuffer : Stream, IBufferWriter<byte>
{
    private const int FirstBytes = 1 << 14;

    private readonly InferenceGate? budget;
    private byte[] bytes;
    private int length;

    /// <param name="room">Bytes that are expected.</param>
    /// <param name="budget">Where memory for requests is set aside; null: this is no request.</param>
    /// <exception cref="BusyException">There is none left.</exception>
    public PooledBuffer(int room = FirstBytes, InferenceGate? budget = null)
    {
        this.budget = budget;
        bytes = [];
        bytes = Rent(Math.Max(room, FirstBytes));
    }

    public ReadOnlyMemory<byte> Written => bytes.AsMemory(0, length);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => length;

    public override long Position { get => length; set => throw new NotSupportedException(); }

    /// <summary>What has been written, to be read from its start.</summary>
    public MemoryStream ToReader() => new(bytes, 0, length, writable: false);

    /// <summary>Takes everything that comes; the source itself knows the limit.</summary>
    public async ValueTask FillAsync(Stream source, CancellationToken cancellationToken)
    {
        for (int read; (read = await source.ReadAsync(Room(1), cancellationToken)) > 0;)
        {
            length += read;
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => Room(Math.Max(sizeHint, 1));

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, bytes.Length - length);
        length += count;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(Room(buffer.Length).Span);
        length += buffer.Length;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        byte[] used = bytes;
        (bytes, length) = ([], 0);
        Return(used);

        base.Dispose(disposing);
    }

    private Memory<byte> Room(int wanted)
    {
        if (bytes.Length - length < wanted)
        {
            long needed = Math.Max((long)length + wanted, bytes.Length * 2L);
            byte[] larger = Rent(needed <= Array.MaxLength ? (int)needed : throw new InputException("more bytes than any request or answer may have"));
            bytes.AsSpan(0, length).CopyTo(larger);
            Return(bytes);
            bytes = larger;
        }

        return bytes.AsMemory(length);
    }

    // The pool gives powers of two; what it gives is what counts.
    private byte[] Rent(int room)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(room);
        try
        {
            budget?.Reserve(rented.Length);
            return rented;
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw;
        }
    }

    private void Return(byte[] used)
    {
        if (used.Length > 0)
        {
            budget?.GiveBack(used.Length);
            ArrayPool<byte>.Shared.Return(used);
        }
    }
}
