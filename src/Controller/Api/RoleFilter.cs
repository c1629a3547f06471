using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Certificates;
using Microsoft.AspNetCore.Http;

namespace EdgePrune.Controller.Api;

/// <summary>Lets a request through when its certificate still counts and names one of the roles; the connection's handshake has checked the rest.</summary>
internal sealed class RoleFilter(ClientCertificates clients, params AgentRole[] roles) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        X509Certificate2? certificate = context.HttpContext.Connection.ClientCertificate;
        string reason = "no client certificate";
        if (certificate is null || !clients.IsStillValid(certificate, out reason))
        {
            return Results.Json(new ErrorAnswer("unauthorized", reason), statusCode: StatusCodes.Status401Unauthorized);
        }

        return RoleNames.Of(certificate).Overlaps(roles)
            ? await next(context)
            : Results.Json(
                new ErrorAnswer("unauthorized", $"this needs a certificate with the role {string.Join(" or ", roles.Select(r => $"'{RoleNames.WordOf(r)}'"))}"),
                statusCode: StatusCodes.Status403Forbidden);
    }
}
