using System.Net;
using EdgePrune.Controller.Data;
using EdgePrune.Controller.Links;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace EdgePrune.Controller.Api;

/// <summary>Hands requests on to the agent that they name, and its answers back as they come.</summary>
internal static class RelayEndpoint
{
    /// <summary>Everything below <c>/devices/NAME/</c>.</summary>
    public static void Map(RouteGroupBuilder clients, ControllerDatabase database, DeviceLinks links, IHttpForwarder forwarder, ControllerSettings settings, CancellationToken stopping)
    {
        var request = new ForwarderRequestConfig { ActivityTimeout = settings.RelaySilence, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        clients.Map("/devices/{name}/{**rest}", (Delegate)(async (string name, string? rest, HttpContext context) =>
        {
            if (rest is null && context.Request.Path.Value?.EndsWith('/') != true)
            {
                return Results.Redirect($"/devices/{Uri.EscapeDataString(name)}/"); // the page's own links begin below it
            }

            if (!links.TryFind(name, out DeviceLink? link))
            {
                return database.Find(name) is { } device
                    ? Results.Json(new ErrorAnswer("unavailable", $"the device '{name}' is not connected; it was last seen on {device.Seen:u}"), statusCode: StatusCodes.Status503ServiceUnavailable)
                    : Results.Json(new ErrorAnswer("missing", $"there is no device '{Printable.Name(name)}'"), statusCode: StatusCodes.Status404NotFound);
            }

            // The agent has limits of its own, one for each of its endpoints.
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = settings.MaxBundleBytes;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            ForwarderError error = await forwarder.SendAsync(context, DeviceLink.Origin, link.Invoker, request, new RelayTransformer(name, rest ?? ""), end.Token);
            return error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested
                ? Results.Empty
                : Results.Json(new ErrorAnswer("unavailable", $"the device '{name}' has not answered ({error})"), statusCode: context.Response.StatusCode);
        }));
    }
}
