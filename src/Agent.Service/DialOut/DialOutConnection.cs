using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>One dialled connection, as Kestrel wants it.</summary>
internal sealed class DialOutConnection : DefaultConnectionContext
{
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource closed = new();
    private readonly WebSocketStream stream;

    public DialOutConnection(WebSocketStream stream, EndPoint endPoint, RelayedConnection relayed)
        : base(Guid.NewGuid().ToString("N"))
    {
        this.stream = stream;
        LocalEndPoint = endPoint;
        RemoteEndPoint = endPoint;
        ConnectionClosed = closed.Token;
        Transport = new Pipes(
            PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)),
            PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
        Features.Set(relayed);
    }

    /// <summary>Done when the server has given the connection up.</summary>
    public Task Gone => gone.Task;

    public override void Abort(ConnectionAbortedException abortReason)
    {
        closed.Cancel();
        stream.WebSocket.Abort(); // no parting words: the other side may be why this ends
    }

    public override async ValueTask DisposeAsync()
    {
        await closed.CancelAsync().ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
        gone.TrySetResult();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
