using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Trust;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace EdgePrune.Agent.Service.Telemetry;

/// <summary>Hands the instruments to Prometheus, and to a collector where the settings name one.</summary>
internal static class MetricsExport
{
    private const string MetricsPath = "v1/metrics";

    // Room for so many combinations of labels is set aside for each instrument at the start; by default it is 2,000, 6 MB in all. Of
    // requests there are as many as routes, methods and answers allow, of all else a handful.
    private const int Combinations = 40;
    private const int OfRequests = 300;

    // Of the framework: time of requests and state of connections; of the runtime: its garbage collector.
    private static readonly string[] Meters =
        [AgentInstruments.MeterName, ProcessInstruments.MeterName, InferenceMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    /// <param name="services">The service's.</param>
    /// <param name="otlp">Where metrics go; null: nowhere.</param>
    /// <param name="version">The agent's.</param>
    public static void Add(IServiceCollection services, OtlpSettings? otlp, string version) => services.AddOpenTelemetry()
        .ConfigureResource(r => r.Clear().AddService("edgeprune-agent", serviceVersion: version, serviceInstanceId: Environment.MachineName)
            .AddAttributes([new("host.name", Environment.MachineName)]))
        .WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters);
            metrics.AddView(i => new MetricStreamConfiguration { CardinalityLimit = i.Name.StartsWith("http.server.", StringComparison.Ordinal) ? OfRequests : Combinations });
            metrics.AddPrometheusExporter(o => (o.ScopeInfoEnabled, o.TargetInfoEnabled) = (false, false));
            if (otlp is not null)
            {
                Send(metrics, otlp);
            }
        });

    /// <summary>The text format of Prometheus at <c>/metrics</c>.</summary>
    public static void Map(WebApplication app, RouteGroupBuilder anyone, DeploymentManager manager, TrustStore trust)
    {
        IMeterFactory meters = app.Services.GetRequiredService<IMeterFactory>();
        _ = new AgentInstruments(meters, manager, trust, app.Services.GetRequiredService<PowerMonitor>());
        _ = new ProcessInstruments(meters);
        const string path = "/metrics";
        RequestDelegate scrape = ((IApplicationBuilder)app).New().UseOpenTelemetryPrometheusScrapingEndpoint(path).Build();
        anyone.MapGet(path, (Delegate)((HttpContext context, CancellationToken _) => scrape(context)))
            .WithSummary("The instruments in the text format of Prometheus.").Produces<string>(contentType: "text/plain");
    }

    // Of its own, so that an agent without a collector does not load what it takes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Send(MeterProviderBuilder metrics, OtlpSettings otlp) => metrics.AddOtlpExporter((exporter, reader) =>
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(otlp.Endpoint.AbsoluteUri.TrimEnd('/') + "/" + MetricsPath);
        exporter.Headers = otlp.Headers;
        reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)otlp.Interval.TotalMilliseconds;
    });
}
