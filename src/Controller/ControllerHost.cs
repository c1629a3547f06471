using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Certificates;
using EdgePrune.Controller.Api;
using EdgePrune.Controller.Data;
using EdgePrune.Controller.Links;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Yarp.ReverseProxy.Forwarder;

namespace EdgePrune.Controller;

/// <summary>Puts the controller together: agents dial in, clients reach them through it, and it keeps what they are to run.</summary>
public static class ControllerHost
{
    private const int MaxConnections = 4096;
    private const int MaxSmallBodyBytes = 64 << 10;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>A controller that is ready to start.</summary>
    /// <exception cref="InputException">A file that the settings name is not usable.</exception>
    public static WebApplication Build(ControllerSettings settings, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        time ??= TimeProvider.System;
        Directory.CreateDirectory(settings.DataFolder);
        X509Certificate2 own = LoadOwn(settings);
        var clients = new ClientCertificates(LoadCertificate(settings.ClientAuthority), new DenyList(settings.DenyList), time);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        ((IConfigurationBuilder)builder.Configuration).Sources.Clear(); // Kestrel would take more addresses from these
        builder.Logging.ClearProviders().AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Yarp", LogLevel.Error); // a client that goes away is daily business
        builder.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = MaxConnections;
            options.Limits.MaxConcurrentUpgradedConnections = MaxConnections;
            options.Limits.MaxRequestBodySize = MaxSmallBodyBytes;
            options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            options.Listen(settings.Listen, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = own,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (certificate, _, _) => clients.IsValid(certificate, out _),
                SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                HandshakeTimeout = TimeSpan.FromSeconds(10),
            }));
        });
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton(_ => ControllerDatabase.Open(Path.Combine(settings.DataFolder, "controller.db")));

        WebApplication app = builder.Build();
        ControllerDatabase database = app.Services.GetRequiredService<ControllerDatabase>();
        var bundles = new BundleFolder(Path.Combine(settings.DataFolder, "bundles"), settings.MaxBundleBytes);
        var links = new DeviceLinks();
        var wishes = new Wishes();
        app.Use(ErrorMapping.InvokeAsync);
        app.Use(RefuseOtherSitesAsync);
        app.UseWebSockets();
        RouteGroupBuilder Group(params AgentRole[] roles)
        {
            RouteGroupBuilder group = app.MapGroup("");
            group.AddEndpointFilter(new RoleFilter(clients, roles));
            return group;
        }

        RouteGroupBuilder people = Group([.. RoleNames.Clients]);
        new AgentEndpoints(database, bundles, links, wishes, settings, time, app.Lifetime.ApplicationStopping).Map(Group(AgentRole.Device));
        OperatorEndpoints.Map(people, Group(AgentRole.Deploy), database, bundles, links, wishes, settings, time);
        RelayEndpoint.Map(people, database, links, app.Services.GetRequiredService<IHttpForwarder>(), settings, app.Lifetime.ApplicationStopping);
        return app;
    }

    // A browser hands its owner's certificate to every request, also to one that another site has caused.
    private static Task RefuseOtherSitesAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (headers["Sec-Fetch-Site"].ToString() is not ("cross-site" or "same-site") || headers["Sec-Fetch-Mode"] == "navigate")
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsJsonAsync(new ErrorAnswer("unauthorized", "another site has caused this request"), context.RequestAborted);
    }

    private static X509Certificate2 LoadCertificate(string path)
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

    private static X509Certificate2 LoadOwn(ControllerSettings settings)
    {
        try
        {
            X509Certificate2 own = X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key);
            if (!RoleNames.Of(own).Contains(AgentRole.Controller)
                || !own.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(u => u.EnhancedKeyUsages.OfType<Oid>().Any(o => o.Value == ServerAuthentication)))
            {
                own.Dispose();
                throw new InputException($"{settings.Certificate} is not a controller's certificate, so no agent would believe it; 'edgeprune keys --controller HOST' makes one");
            }

            return OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null) : own;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException)
        {
            throw new InputException($"{settings.Certificate} and {settings.Key} are not a certificate and its key: {e.Message}", e);
        }
    }
}
