using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>Keeps one connection to the controller: dials, and dials again when it has gone, less and less often while nobody answers.</summary>
internal sealed class DialOutListener(EndPoint endPoint, ControllerClient controller, RelayedConnection relayed, ILogger logger, TimeProvider time) : IConnectionListener
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource unbound = new();
    private Task gone = Task.CompletedTask;
    private TimeSpan pause = FirstPause;
    private long since;

    public EndPoint EndPoint => endPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(unbound.Token, cancellationToken);
        try
        {
            await gone.WaitAsync(end.Token).ConfigureAwait(false);
            if (since != 0)
            {
                // One that ended at once may end at once again: a clone of this device may be taking the lease in turn.
                pause = time.GetElapsedTime(since) > Lasting ? FirstPause : pause;
                await PauseAsync(end.Token).ConfigureAwait(false);
            }

            for (; ; )
            {
                try
                {
                    WebSocketStream stream = await controller.ConnectAsync(end.Token).ConfigureAwait(false);
                    since = time.GetTimestamp();
                    var connection = new DialOutConnection(stream, endPoint, relayed);
                    gone = connection.Gone;
                    logger.Connected(endPoint);
                    return connection;
                }
                catch (Exception e) when (e is HttpRequestException or WebSocketException or IOException or StaleLeaseException or System.Text.Json.JsonException
                    || (e is OperationCanceledException && !end.IsCancellationRequested))
                {
                    logger.NotConnected(endPoint, (e.InnerException ?? e).Message);
                    await PauseAsync(end.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        unbound.Cancel();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        unbound.Cancel();
        return default;
    }

    // With chance in it: a thousand agents whose controller comes back must not all dial at once.
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time, cancellationToken).ConfigureAwait(false);
        pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
    }
}
