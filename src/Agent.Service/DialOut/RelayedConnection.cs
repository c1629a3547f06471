using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Fleet;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>
/// Marks connections over which a controller asks for others, and says whose certificates count there. The controller
/// has proved who it is, and hands on the certificate that its client has proved to own; whether that one may do what
/// it asks is decided here, by this agent's authority, deny list and roles.
/// </summary>
/// <param name="Clients">Decides which certificates count.</param>
internal sealed record RelayedConnection(ClientCertificates Clients)
{
    /// <summary>Puts the client for whom the controller asks in the place of the connection's own.</summary>
    public static void Use(IApplicationBuilder app) => app.Use((context, next) =>
    {
        string header = context.Request.Headers[FleetApi.ClientCertificateHeader].ToString();
        context.Request.Headers.Remove(FleetApi.ClientCertificateHeader);
        if (context.Features.Get<RelayedConnection>() is { } relayed)
        {
            context.Connection.ClientCertificate = TryRead(header) is { } certificate && relayed.Clients.IsValid(certificate, out _) ? certificate : null;
        }

        return next(context);
    });

    private static X509Certificate2? TryRead(string header)
    {
        if (header is not [':', .. var text, ':'])
        {
            return null;
        }

        try
        {
            return X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }
}
