using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Fleet;
using EdgePrune.Agent.Service.Api;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>Puts together what an agent with a controller has besides.</summary>
internal static class DialOutService
{
    /// <exception cref="InputException">A certificate is not usable.</exception>
    public static void Add(IServiceCollection services, AgentSettings settings, TimeProvider time)
    {
        if (settings.Controller is not { } address)
        {
            return;
        }

        var relayed = new RelayedConnection(new ClientCertificates(LoadAuthority(address.ClientAuthority), new DenyList(address.DenyList), time));
        services.AddSingleton(provider => new ControllerClient(
            address,
            () => new LeaseRequest(settings.DeviceClass, settings.ModelName, StatusEndpoints.Version, Current(provider.GetRequiredService<DeploymentManager>()))));
        services.AddSingleton<IConnectionListenerFactory>(provider => new DialOutTransport(
            provider.GetRequiredService<ControllerClient>(), relayed, provider.GetRequiredService<ILogger<DialOutTransport>>(), time));
        services.AddHostedService(provider => new DesiredStateService(
            provider.GetRequiredService<ControllerClient>(),
            provider.GetRequiredService<DeploymentManager>(),
            Path.Combine(settings.DataFolder, "fetched"),
            settings.MaxBundleBytes,
            time,
            provider.GetRequiredService<ILogger<DesiredStateService>>()));
    }

    public static void Listen(KestrelServerOptions options, AgentSettings settings)
    {
        if (settings.Controller is { } address)
        {
            options.Listen(new DialOutEndPoint(address.Url), listen => listen.Protocols = HttpProtocols.Http2);
        }
    }

    private static string? Current(DeploymentManager manager)
    {
        try
        {
            return manager.Reader.Current?.ToString();
        }
        catch (InputException)
        {
            return null;
        }
    }

    private static X509Certificate2 LoadAuthority(string path)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(path);
        }
        catch (CryptographicException e)
        {
            throw new InputException($"{path} is not a certificate: {e.Message}", e);
        }
    }
}
