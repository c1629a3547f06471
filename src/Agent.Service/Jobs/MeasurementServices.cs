using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Profiler.Sensors;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>Puts together what measures.</summary>
internal static class MeasurementServices
{
    public static PowerMonitor Power(AgentSettings settings, IServiceProvider services, TimeProvider time)
    {
        InferenceMetrics metrics = services.GetRequiredService<InferenceMetrics>();
        return new PowerMonitor(
            settings.Measurement.Device,
            () => PowerSources.Open(settings.Measurement.Device, PowerSourceContext.ForThisMachine(time)),
            () => metrics.Seconds * Math.Max(1, settings.Threads),
            time);
    }

    public static JobQueue Jobs(AgentSettings settings, IServiceProvider services, TimeProvider time)
    {
        DeploymentManager manager = services.GetRequiredService<DeploymentManager>();
        return new JobQueue(
            settings,
            new JobFolder(Path.Combine(settings.DataFolder, "jobs")),
            new JobModels(() => manager.Reader, services.GetRequiredService<JobUploads>().Folder),
            services.GetRequiredService<PowerMonitor>(),
            services.GetRequiredService<InferenceMetrics>(),
            time,
            services.GetRequiredService<ILogger<JobQueue>>());
    }
}
