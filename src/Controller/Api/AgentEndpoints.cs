using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Fleet;
using EdgePrune.Agent.Signing;
using EdgePrune.Controller.Data;
using EdgePrune.Controller.Links;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgePrune.Controller.Api;

/// <summary>What agents ask (<see cref="FleetApi"/>).</summary>
internal sealed class AgentEndpoints(ControllerDatabase database, BundleFolder bundles, DeviceLinks links, Wishes wishes, ControllerSettings settings, TimeProvider time, CancellationToken stopping)
{
    private const int MaxTextLength = 1000;
    private const string BundlePattern = FleetApi.Bundles + "{digest}";
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SocketPatience = TimeSpan.FromSeconds(15);

    public void Map(RouteGroupBuilder agents)
    {
        agents.MapPost(FleetApi.Lease, (LeaseRequest request, HttpContext context) =>
        {
            Require(IdentifierText.IsValid(request.DeviceClass) && IdentifierText.IsValid(request.ModelName), "the class or the model's name is no identifier");
            Require(request.Version is { Length: < 200 } && (request.Current?.Length ?? 0) < 200, "the version or the digest is too long");
            return new LeaseAnswer(database.TakeLease(DeviceOf(context), request, time.GetUtcNow(), settings.Lease), (int)settings.Lease.TotalSeconds);
        });
        agents.MapGet(FleetApi.Connect, (Delegate)ConnectAsync);
        agents.MapGet(FleetApi.Desired, (Delegate)DesiredAsync);
        agents.MapGet(BundlePattern, (Delegate)Bundle);
        agents.MapPost(FleetApi.Results, (ResultReport report, HttpContext context) =>
        {
            Require(IdentifierText.IsValid(report.State) && (report.Deployment?.Length ?? 0) < 100 && (report.Reason?.Length ?? 0) <= MaxTextLength, "the report is not one");
            return Holds(context, out string device, out long token) && database.Report(device, token, report, time.GetUtcNow()) ? Results.NoContent() : Stale();
        });
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new InputException(problem);
        }
    }

    private static IResult Stale() => Results.Json(
        new ErrorAnswer("stale", "another process has taken this device's lease since; take it anew"), statusCode: StatusCodes.Status409Conflict);

    private static string DeviceOf(HttpContext context)
    {
        string name = context.Connection.ClientCertificate!.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return IdentifierText.IsValid(name) ? name : throw new InputException($"'{Printable.Name(name)}', the certificate's name, is no name for a device");
    }

    private IResult Bundle(string digest, HttpContext context)
    {
        if (!Holds(context, out _, out _))
        {
            return Stale();
        }

        return bundles.TryFind(digest, out string path, out _)
            ? Results.File(path, "application/octet-stream", enableRangeProcessing: true)
            : Results.Json(new ErrorAnswer("missing", "there is no such bundle"), statusCode: StatusCodes.Status404NotFound);
    }

    // Also a sign of life.
    private bool Holds(HttpContext context, out string device, out long token)
    {
        device = DeviceOf(context);
        return long.TryParse(context.Request.Headers[FleetApi.TokenHeader], NumberStyles.None, CultureInfo.InvariantCulture, out token)
            && database.Renew(device, token, time.GetUtcNow(), settings.Lease);
    }

    private async Task<IResult> DesiredAsync(long after, HttpContext context)
    {
        if (!Holds(context, out string device, out _))
        {
            return Stale();
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        end.CancelAfter(LongPoll);
        for (; ; )
        {
            Task next = wishes.Next(device);
            if (database.Find(device)?.Desired is { } desired && desired.Revision > after && bundles.TryFind(desired.Bundle, out _, out long size))
            {
                return Results.Json(new DesiredAnswer(desired.Revision, desired.Bundle, size));
            }

            await next.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
            {
                return Results.NoContent();
            }
        }
    }

    private async Task<IResult> ConnectAsync(HttpContext context)
    {
        if (!Holds(context, out string device, out long token))
        {
            return Stale();
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            return Results.Json(new ErrorAnswer("input", "this address is for WebSockets"), statusCode: StatusCodes.Status400BadRequest);
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = SocketPatience, KeepAliveTimeout = SocketPatience }).ConfigureAwait(false);
        using var link = new DeviceLink(device, token, WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true));
        if (!links.TryAdd(link))
        {
            return Results.Empty;
        }

        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            await WatchAsync(link, end.Token).ConfigureAwait(false);
        }
        finally
        {
            links.Remove(link);
        }

        return Results.Empty;
    }

    private async Task WatchAsync(DeviceLink link, CancellationToken cancellationToken)
    {
        try
        {
            while (!link.Closed.IsCompleted
                && await link.IsAliveAsync(settings.Heartbeat, cancellationToken).ConfigureAwait(false)
                && database.Renew(link.Device, link.Token, time.GetUtcNow(), settings.Lease))
            {
                await link.Closed.WaitAsync(settings.Heartbeat, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            // The controller stops, or the connection has gone; the agent dials again.
        }
    }
}
