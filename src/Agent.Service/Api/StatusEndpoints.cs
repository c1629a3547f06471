using System.Reflection;
using System.Runtime.InteropServices;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Api;

/// <summary>How the agent and its device are.</summary>
internal static class StatusEndpoints
{
    public static void Map(RouteGroupBuilder anyone, RouteGroupBuilder measure, AgentSettings settings, DeploymentManager manager, TrustStore trust, PowerMonitor power)
    {
        anyone.MapGet("/health", () =>
            {
                HealthAnswer health = Health(manager, trust);
                return Results.Json(health, statusCode: manager.Fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
            })
            .WithSummary("Whether all is well.").Produces<HealthAnswer>();
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

    /// <summary>The agent's version.</summary>
    public static string Version =>
        typeof(StatusEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>What is not as it should be.</summary>
    public static HealthAnswer Health(DeploymentManager manager, TrustStore trust)
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
}
