using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Api;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.DialOut;
using EdgePrune.Agent.Service.Jobs;
using EdgePrune.Agent.Service.Memory;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Service.Systemd;
using EdgePrune.Agent.Service.Telemetry;
using EdgePrune.Agent.Service.Uploads;
using EdgePrune.Agent.Service.Web;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EdgePrune.Agent.Service;

/// <summary>Puts the service together from its settings.</summary>
internal static class AgentHost
{
    private const int MaxConnections = 128;
    private const int MaxStreamsPerConnection = 16; // each may hold a whole request for inference in memory
    private const int MaxSmallBodyBytes = 64 << 10;
    private const long ReservedFreeBytes = 16L << 20;
    private const double SlowestBytesPerSecond = 240; // of a body, once the time of grace is over
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestHandshake = TimeSpan.FromSeconds(10);

    /// <summary>A service that is ready to start.</summary>
    /// <param name="settings">Checked settings.</param>
    /// <param name="preflight">Tries models; null: in a child process of this very program.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="energy">Tells the energy of windows; null: the device's own sensor, where it has one.</param>
    /// <param name="describe">Whether it can describe its endpoints anew (MapOpenApi); what it serves as their description lies in the program.</param>
    /// <exception cref="InputException">A file that the settings name is not usable.</exception>
    public static WebApplication Build(
        AgentSettings settings, IPreflight? preflight = null, TimeProvider? time = null, IEnergyWindow? energy = null, bool describe = false)
    {
        time ??= TimeProvider.System;
        TrustStore trust = TrustStore.Open(Path.Combine(settings.DataFolder, "trust"), Envelope.Load(settings.PinnedRoot, "the pinned root"), time);
        ClientCertificates? clients = settings.Tls is { } tls
            ? new ClientCertificates(LoadCertificate(tls.ClientAuthority), new DenyList(tls.DenyList), time, report: Console.Error.WriteLine)
            : null;

        // Nothing but what is said here: no files of settings that somebody watches, and above all none that Kestrel takes addresses
        // from, where one more could be one without authentication.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "edgeprune-agent", ContentRootPath = AppContext.BaseDirectory });
        ((IConfigurationBuilder)builder.Configuration).Sources.Clear();
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Logging.AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning) // a line a request is not what a journal is for
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error); // nor a line for each connection of a storm
        string? statusSocket = LocalStatus.Path();
        // A request stays on the thread of the pool that received it: on a board with few cores each change of threads costs more
        // than reading it. A run blocks that thread alone, and Program sets threads aside for as many as may run.
        builder.WebHost.UseSockets(o => o.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(options => Configure(options, settings, clients, statusSocket));
        SystemdService.Add(builder.Services, statusSocket, time);
        DialOutService.Add(builder.Services, settings, time);
        MetricsExport.Add(builder.Services, settings.Otlp, StatusEndpoints.Version);
        builder.Services.AddHostedService(_ => new IdleMemory(time));
        builder.Services.AddSingleton<ModelHost>().AddSingleton<InferenceMetrics>().AddSingleton<InferenceRunner>();
        builder.Services.AddSingleton(_ => new InferenceGate(settings.Inference.Concurrency, settings.Inference.Queue, settings.Inference.MaxBodyBytes, time));
        builder.Services.AddSingleton(services => energy ?? services.GetRequiredService<PowerMonitor>());
        builder.Services.AddSingleton(_ => new UploadFolder(Path.Combine(settings.DataFolder, "uploads"), settings.MaxBundleBytes, ReservedFreeBytes, time));
        builder.Services.AddSingleton(services => new DeploymentManager(
            settings,
            new StoreAccess(
                Path.Combine(settings.DataFolder, "store"),
                new ModelStoreOptions { TimeProvider = time, MaxObjectBytes = Math.Min(settings.MaxBundleBytes, new ModelStoreOptions().MaxObjectBytes) },
                preflight ?? PreflightRun.InChild(settings),
                () => new BundleIntake(trust, Policy(settings), Path.Combine(settings.DataFolder, "incoming"), time)),
            new StartWatch(settings.DataFolder, settings.ProbationRules.CrashWindow, time),
            services.GetRequiredService<ModelHost>(),
            services.GetRequiredService<IEnergyWindow>(),
            services.GetRequiredService<MeasurementTurns>(),
            time,
            services.GetRequiredService<ILogger<DeploymentManager>>()));

        MeasurementServices.Add(builder.Services, settings, ReservedFreeBytes, time);
        if (describe)
        {
            Describe(builder.Services);
        }

        WebApplication app = builder.Build();
        DeploymentManager manager = app.Services.GetRequiredService<DeploymentManager>();
        LocalStatus.Use(app, manager, trust);
        RelayedConnection.Use(app);
        BrowserGuard.Use(app, settings.Tls is not null);
        app.Use(ErrorMapping.InvokeAsync);
        UploadFolder uploads = app.Services.GetRequiredService<UploadFolder>();
        InferenceMetrics metrics = app.Services.GetRequiredService<InferenceMetrics>();
        RouteGroupBuilder Group(string prefix, AgentRole? role)
        {
            RouteGroupBuilder group = app.MapGroup(prefix);
            group.AddEndpointFilter(new RoleFilter(role, clients));
            return group;
        }

        RouteGroupBuilder anyone = Group("", null);
        OpenApiEndpoint.Map(anyone);
        StatusEndpoints.Map(anyone, Group("/v1", AgentRole.Measure), settings, manager, trust, app.Services.GetRequiredService<PowerMonitor>());
        MeasurementServices.Map(app, Group("/v1", AgentRole.Measure), Group("/v1/jobs", AgentRole.Measure));
        MetricsExport.Map(app, anyone, manager, trust);
        PageEndpoints.Map(anyone);
        RouteGroupBuilder deploy = Group("/v1", AgentRole.Deploy);
        TransferEndpoints.Map(deploy, uploads);
        DeploymentEndpoints.Map(deploy, manager, uploads, trust);
        InferenceEndpoint.Map(
            anyone,
            Group("/v1", AgentRole.Infer),
            app.Services.GetRequiredService<ModelHost>(),
            app.Services.GetRequiredService<InferenceRunner>(),
            metrics,
            app.Services.GetRequiredService<InferenceGate>(),
            settings.Inference);
        return app;
    }

    // Of its own, so that an agent that does not describe itself anew does not load what it takes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Describe(IServiceCollection services) => services.AddOpenApi();

    private static BundlePolicy Policy(AgentSettings settings) => new()
    {
        DeviceClass = settings.DeviceClass,
        ModelName = settings.ModelName,
        MaxFileBytes = settings.MaxBundleBytes,
        MaxTotalBytes = settings.MaxBundleBytes,
        ReservedFreeBytes = ReservedFreeBytes,
    };

    private static void Configure(KestrelServerOptions options, AgentSettings settings, ClientCertificates? clients, string? statusSocket)
    {
        if (statusSocket is not null)
        {
            LocalStatus.Listen(options, statusSocket);
        }

        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = MaxConnections;
        options.Limits.MaxRequestBodySize = MaxSmallBodyBytes; // what takes more says so itself
        options.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
        options.Limits.RequestHeadersTimeout = settings.SilenceTime;
        options.Limits.MinRequestBodyDataRate = new MinDataRate(SlowestBytesPerSecond, Shorter(settings.SilenceTime, LongestGrace));
        DialOutService.Listen(options, settings);
        options.Listen(settings.Listen, listen =>
        {
            if (settings.Tls is not { } tls)
            {
                return;
            }

            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = LoadServerCertificate(tls),
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (certificate, _, _) => clients!.IsValid(certificate, out _),
                SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                HandshakeTimeout = Shorter(settings.SilenceTime, LongestHandshake),
            });
        });
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

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

    private static X509Certificate2 LoadServerCertificate(TlsSettings tls)
    {
        try
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key);
            if (!OperatingSystem.IsWindows())
            {
                return certificate;
            }

            using (certificate)
            {
                // Windows does not serve with a key that lives in memory only.
                return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException($"{tls.Certificate} and {tls.Key} are not a certificate and its key: {e.Message}", e);
        }
    }
}
