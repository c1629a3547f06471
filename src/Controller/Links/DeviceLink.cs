using System.Net;

namespace EdgePrune.Controller.Links;

/// <summary>
/// The connection that an agent has dialled, with the roles of HTTP turned round: here is the client, there the server.
/// HTTP/2 carries any number of requests over it, with their flow control and their endings.
/// </summary>
internal sealed class DeviceLink : IDisposable
{
    /// <summary>How the agent is addressed within the link; only the path of it counts.</summary>
    public const string Origin = "http://agent";

    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(10);

    private readonly LinkStream stream;
    private int taken;

    public DeviceLink(string device, long token, Stream connection)
    {
        Device = device;
        Token = token;
        stream = new LinkStream(connection);
        Invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = false,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingPatience,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            ConnectCallback = (_, _) => Interlocked.Exchange(ref taken, 1) == 0
                ? ValueTask.FromResult<Stream>(stream)
                : throw new IOException("the agent has gone; it dials in again by itself"),
        });
    }

    public string Device { get; }

    /// <summary>Of the lease under which it was made.</summary>
    public long Token { get; }

    /// <summary>Sends requests through the link.</summary>
    public HttpMessageInvoker Invoker { get; }

    /// <summary>Done when the agent has gone.</summary>
    public Task Closed => stream.Closed;

    /// <summary>Whether the agent's server answers; what it answers does not matter.</summary>
    public async Task<bool> IsAliveAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Origin + "/health") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using HttpResponseMessage response = await Invoker.SendAsync(request, end.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    public void Dispose()
    {
        Invoker.Dispose();
        stream.Dispose();
    }
}
