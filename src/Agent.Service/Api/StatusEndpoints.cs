using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Api;

/// <summary>How the agent and its device are.</summary>
internal static class StatusEndpoints
{
    public static void Map(RouteGroupBuilder anyone, RouteGroupBuilder measure, AgentSettings settings, DeploymentManager manager, TrustStore trust, InferenceMetrics metrics, PowerMonitor power)
    {
        anyone.MapGet("/health", () =>
            {
                HealthAnswer health = Health(manager, trust);
                return Results.Json(health, statusCode: manager.Fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
            })
            .WithSummary("Whether all is well.").Produces<HealthAnswer>();
        anyone.MapGet("/metrics", () => Results.Text(Metrics(manager, trust, metrics), "text/plain; version=0.0.4", Encoding.UTF8))
            .WithSummary("Counters in the text format of Prometheus.").Produces<string>(contentType: "text/plain");
        anyone.MapGet("/v1/model", () => new ModelAnswer(manager.Reader.Current?.ToString(), manager.Reader.Previous?.ToString()))
            .WithSummary("Which model serves, and which did before.").Produces<ModelAnswer>();
        measure.MapGet("/device", () => new DeviceAnswer(
                Environment.MachineName,
                settings.DeviceClass,
                settings.ModelName,
                Version,
                RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
                RuntimeInformation.OSDescription,
                Environment.ProcessorCount,
                GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
                trust.Root.Metadata.Version,
                trust.NewestAccepted(settings.ModelName)?.Version ?? 0,
                settings.Measurement.Device.Name,
                settings.Measurement.Device.Board,
                settings.Measurement.Device.Budgets,
                power.Describe()))
            .WithSummary("What this device is.").Produces<DeviceAnswer>();
    }

    private static string Version =>
        typeof(StatusEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private static HealthAnswer Health(DeploymentManager manager, TrustStore trust)
    {
        var reasons = new List<string>();
        if (manager.Fault is { } fault)
        {
            reasons.Add(fault);
        }

        reasons.AddRange(manager.Notices);
        if (!trust.IsUpToDate(out string stale))
        {
            reasons.Add(stale);
        }

        return new HealthAnswer(reasons.Count == 0 ? "ok" : "degraded", Current(manager), reasons);
    }

    private static string? Current(DeploymentManager manager)
    {
        try
        {
            return manager.Reader.Current?.ToString();
        }
        catch (InputException)
        {
            return null; // the fault says so already
        }
    }

    private static string Metrics(DeploymentManager manager, TrustStore trust, InferenceMetrics metrics)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        void Head(string name, string type, string help) => Line($"# HELP {name} {help}\n# TYPE {name} {type}");

        Head("edgeprune_model_info", "gauge", "The model in service.");
        Line($"edgeprune_model_info{{digest=\"{Current(manager) ?? "none"}\"}} 1");
        Head("edgeprune_healthy", "gauge", "1 while the deployed model can be served.");
        Line($"edgeprune_healthy {(manager.Fault is null ? 1 : 0)}");
        Head("edgeprune_trust_up_to_date", "gauge", "1 while newer bundles could not go unnoticed.");
        Line($"edgeprune_trust_up_to_date {(trust.IsUpToDate(out _) ? 1 : 0)}");
        Head("edgeprune_inference_failures_total", "counter", "Requests for inference that were refused or failed.");
        Line($"edgeprune_inference_failures_total {metrics.Failed}");
        Head("edgeprune_inference_duration_seconds", "histogram", "Time in the runtime for one request.");
        for (int i = 0; i < InferenceMetrics.Bounds.Count; i++)
        {
            Line($"edgeprune_inference_duration_seconds_bucket{{le=\"{InferenceMetrics.Bounds[i]}\"}} {metrics.AtMost(i)}");
        }

        Line($"edgeprune_inference_duration_seconds_bucket{{le=\"+Inf\"}} {metrics.Count}");
        Line($"edgeprune_inference_duration_seconds_sum {metrics.Seconds}");
        Line($"edgeprune_inference_duration_seconds_count {metrics.Count}");
        Head("process_resident_memory_bytes", "gauge", "Resident memory.");
        Line($"process_resident_memory_bytes {Environment.WorkingSet}");
        return text.ToString();
    }
}
