namespace EdgePrune.Agent.Tests.Bundles;

/// <summary>Gives a byte at a time with a pause before each, and takes no notice of being cancelled.</summary>
internal sealed class DrippingStream(byte[] bytes, TimeSpan pause) : Stream
{
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Delay(pause, CancellationToken.None);
        if (_at == bytes.Length)
        {
            return 0;
        }

        buffer.Span[0] = bytes[_at++];
        return 1;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
