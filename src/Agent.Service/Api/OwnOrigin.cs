using System.Net;

namespace EdgePrune.Agent.Service.Api;

/// <summary>
/// Keeps web pages of others out. A browser sends its user's certificate, or reaches a loopback address, for any page that asks
/// it to: a request that a page of another origin has made is refused, and so is one for a name that somebody has made to lead
/// to the loopback address (DNS rebinding).
/// </summary>
internal static class OwnOrigin
{
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        string reason = !request.IsHttps && !IsLoopback(request.Host.Host)
                ? "over plain HTTP this agent answers to localhost and loopback addresses only"
            : request.Headers.Origin is [{ } origin] && !IsOwn(origin, request)
                ? "a page of another origin has sent this"
            : request.Headers["Sec-Fetch-Site"] is ["cross-site" or "same-site"] && !HttpMethods.IsGet(request.Method)
                ? "a page of another origin has sent this"
            : "";
        if (reason.Length == 0)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new ErrorAnswer("unauthorized", reason), CancellationToken.None);
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static bool IsOwn(string origin, HttpRequest request) =>
        origin.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
}
