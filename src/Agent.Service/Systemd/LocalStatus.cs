using System.Net.Sockets;
using EdgePrune.Agent.Service.Api;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EdgePrune.Agent.Service.Systemd;

/// <summary>
/// A socket in the service's runtime folder that tells how the service is, and nothing else. It is how this machine's own
/// keepers (the watchdog, the installer, an administrator) ask the real server without a certificate; who may open it
/// is decided by the folder's permissions.
/// </summary>
internal static class LocalStatus
{
    /// <summary>Where systemd has made a runtime folder (<c>RuntimeDirectory=</c>).</summary>
    public const string RuntimeVariable = "RUNTIME_DIRECTORY";

    private const string SocketName = "agent.sock";
    private const string HealthPath = "/health";
    private const int MaxPathBytes = 107; // sockaddr_un

    /// <summary>The socket's path; null: nobody has made a folder for it.</summary>
    /// <exception cref="InputException">The folder's path is too long for a socket.</exception>
    public static string? Path()
    {
        string? folder = Environment.GetEnvironmentVariable(RuntimeVariable)?.Split(':')[0];
        if (string.IsNullOrEmpty(folder) || OperatingSystem.IsWindows())
        {
            return null;
        }

        string path = System.IO.Path.Combine(folder, SocketName);
        return System.Text.Encoding.UTF8.GetByteCount(path) <= MaxPathBytes
            ? path
            : throw new InputException($"{RuntimeVariable}: {folder} is too long, a socket's path has at most {MaxPathBytes} bytes");
    }

    public static void Listen(KestrelServerOptions options, string path)
    {
        File.Delete(path); // left by a process that was killed
        options.ListenUnixSocket(path, listen => listen.Use(next => connection =>
        {
            connection.Features.Set(new Marker());
            return next(connection);
        }));
    }

    /// <summary>Answers what comes through the socket before anything else sees it.</summary>
    public static void Use(IApplicationBuilder app, DeploymentManager manager, TrustStore trust) =>
        Use(app, () => (StatusEndpoints.Health(manager, trust), manager.Fault is null));

    /// <param name="app">The service's pipeline.</param>
    /// <param name="health">How it is, and whether it serves what has been deployed.</param>
    public static void Use(IApplicationBuilder app, Func<(HealthAnswer Answer, bool Serves)> health) => app.Use((context, next) =>
    {
        if (context.Features.Get<Marker>() is null)
        {
            return next(context);
        }

        if (context.Request.Path != HealthPath || !HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        (HealthAnswer answer, bool serves) = health();
        context.Response.StatusCode = serves ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsJsonAsync(answer, context.RequestAborted);
    });

    /// <summary>Asks a service for its health.</summary>
    /// <param name="client">From <see cref="Client"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The answer, and whether a model can be served or none has been deployed yet.</returns>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    public static async Task<(HealthAnswer Answer, bool Serves)> AskAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await client.GetAsync(HealthPath, cancellationToken).ConfigureAwait(false);
        HealthAnswer? answer = await response.Content.ReadFromJsonAsync<HealthAnswer>(cancellationToken).ConfigureAwait(false);
        return (answer ?? throw new HttpRequestException("the answer is empty"), response.IsSuccessStatusCode);
    }

    /// <summary>A client that keeps its one connection: when the server has all the connections that it takes, this is one of them.</summary>
    public static HttpClient Client(string path) => new(
        new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 1,
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
    {
        BaseAddress = new Uri("http://agent"),
        MaxResponseContentBufferSize = 64 << 10,
    };

    private sealed class Marker;
}
