using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Service.DialOut;

namespace EdgePrune.Agent.Service.Api;

/// <summary>
/// Lets a request through when its client's certificate still counts and names the role. Without certificates, which
/// only a loopback address gets, whoever is on the machine may do everything.
/// </summary>
internal sealed class RoleFilter(AgentRole? role, ClientCertificates? clients) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        // Who comes through a controller needs a certificate also where those on this machine do not.
        if ((context.HttpContext.Features.Get<RelayedConnection>()?.Clients ?? clients) is { } judge)
        {
            X509Certificate2? certificate = context.HttpContext.Connection.ClientCertificate;
            string reason = "no client certificate";
            if (certificate is null || !judge.IsStillValid(certificate, out reason))
            {
                return Results.Json(new ErrorAnswer("unauthorized", reason), statusCode: StatusCodes.Status401Unauthorized);
            }

            if (role is { } needed && !RoleNames.Of(certificate).Contains(needed))
            {
                return Results.Json(
                    new ErrorAnswer("unauthorized", $"this needs a certificate with the role '{RoleNames.WordOf(needed)}'"),
                    statusCode: StatusCodes.Status403Forbidden);
            }
        }

        if (role != AgentRole.Infer)
        {
            await SocketThread.Leave();
        }

        return await next(context);
    }
}
