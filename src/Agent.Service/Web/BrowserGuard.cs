using System.Net;
using EdgePrune.Agent.Service.Api;
using EdgePrune.Agent.Service.DialOut;

namespace EdgePrune.Agent.Service.Web;

/// <summary>
/// A browser carries its owner's certificate, or his being on this machine, into every request, also into those that a
/// page from elsewhere makes it send. Requests that another site has caused are refused, and without TLS also those
/// that call this agent by a name that somebody may have pointed at it (DNS rebinding).
/// </summary>
internal static class BrowserGuard
{
    public static void Use(IApplicationBuilder app, bool tls) => app.Use((context, next) =>
    {
        if (Problem(context.Request, tls || context.Features.Get<RelayedConnection>() is not null) is not { } problem)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new ErrorAnswer("unauthorized", problem), context.RequestAborted);
    });

    private static string? Problem(HttpRequest request, bool tls)
    {
        if (!tls && !IsLoopbackName(request.Host.Host))
        {
            return "call this agent by a loopback address or localhost";
        }

        // Fetch Metadata: browsers say who caused a request; other clients say nothing.
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" && request.Headers["Sec-Fetch-Mode"] != "navigate")
        {
            return "another site has caused this request";
        }

        bool changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        return changes && request.Headers.Origin.ToString() is { Length: > 0 } origin
            && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase))
                ? "another site has caused this request"
                : null;
    }

    private static bool IsLoopbackName(string host) =>
        host.Length == 0
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
