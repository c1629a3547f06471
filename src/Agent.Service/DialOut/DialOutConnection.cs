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
    private readonly DialOutStream stream;

    public DialOutConnection(WebSocketStream stream, EndPoint endPoint, RelayedConnection relayed)
        : base(Guid.NewGuid().ToString("N"))
    {
        this.stream = new DialOutStream(stream);
        LocalEndPoint = endPoint;
        RemoteEndPoint = endPoint;
        ConnectionClosed = closed.Token;
        Transport = new Pipes(
            PipeReader.Create(this.stream, new StreamPipeReaderOptions(leaveOpen: true)),
            PipeWriter.Create(this.stream, new StreamPipeWriterOptions(leaveOpen: true)));
        Features.Set(relayed);
    }

    /// <summary>Done when the server has given the connection up.</summary>
    public Task Gone => gone.Task;

    public override void Abort(ConnectionAbortedException abortReason)
    {
        closed.Cancel();
        stream.Abort();
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
