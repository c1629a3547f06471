using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>The dialled stream, whose endings are told as Kestrel knows them from its own transports: a connection that was lost is no fault of the service.</summary>
internal sealed class DialOutStream(WebSocketStream inner) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnding(e))
        {
            throw Ended(e);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnding(e))
        {
            // As with Kestrel's own transports: it is the reader that tells that the other side has gone. An error here would be
            // taken for one of the server's, and logged as such.
            Abort();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask; // every write is a message of its own

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("this stream is asynchronous");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("this stream is asynchronous");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Ends the connection without parting words: the other side may be why it ends.</summary>
    public void Abort() => inner.WebSocket.Abort();

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await inner.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnding(e))
        {
            Abort(); // it was gone before it could be closed
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    // A WebSocket that has been aborted says so with NotSupportedException and InvalidOperationException as well.
    private static bool IsEnding(Exception e) => e is WebSocketException or IOException or ObjectDisposedException or NotSupportedException or InvalidOperationException;

    private static ConnectionResetException Ended(Exception e) => new("the connection to the controller has ended", e);
}
