using EdgePrune.Agent.Service.Api;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Service.Uploads;
using EdgePrune.Profiler.Sensors;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>Puts together what measures: the sensor's owner, models that were sent to be measured, and the queue.</summary>
internal static class MeasurementServices
{
    public static void Add(IServiceCollection services, AgentSettings settings, long reservedFreeBytes, TimeProvider time)
    {
        services.AddSingleton(s => Power(settings, s.GetRequiredService<InferenceMetrics>(), time));
        services.AddSingleton<MeasurementTurns>();
        services.AddSingleton(_ => new JobUploads(new UploadFolder(Path.Combine(settings.DataFolder, "job-uploads"), settings.MaxBundleBytes, reservedFreeBytes, time)));
        services.AddSingleton(s => Jobs(settings, s, time));
        services.AddHostedService(s => s.GetRequiredService<JobQueue>());
    }

    /// <param name="app">The service.</param>
    /// <param name="measure">Where measurements are asked for.</param>
    /// <param name="jobs">Where models that are to be measured are sent.</param>
    public static void Map(WebApplication app, RouteGroupBuilder measure, RouteGroupBuilder jobs)
    {
        CancellationToken stopping = app.Lifetime.ApplicationStopping;
        PowerEndpoints.Map(measure, app.Services.GetRequiredService<PowerMonitor>(), stopping);
        JobEndpoints.Map(measure, app.Services.GetRequiredService<JobQueue>(), stopping);
        TransferEndpoints.Map(jobs, app.Services.GetRequiredService<JobUploads>().Folder, "/v1/jobs", "model to be measured");
    }

    private static PowerMonitor Power(AgentSettings settings, InferenceMetrics metrics, TimeProvider time) => new(
        settings.Measurement.Device,
        () => PowerSources.Open(settings.Measurement.Device, PowerSourceContext.ForThisMachine(time)),
        () => metrics.Seconds * Math.Max(1, settings.Threads),
        time);

    private static JobQueue Jobs(AgentSettings settings, IServiceProvider services, TimeProvider time)
    {
        DeploymentManager manager = services.GetRequiredService<DeploymentManager>();
        return new JobQueue(
            settings,
            new JobFolder(Path.Combine(settings.DataFolder, "jobs")),
            new JobModels(() => manager.Reader, services.GetRequiredService<JobUploads>().Folder),
            services.GetRequiredService<PowerMonitor>(),
            services.GetRequiredService<MeasurementTurns>(),
            services.GetRequiredService<InferenceMetrics>(),
            time,
            services.GetRequiredService<ILogger<JobQueue>>());
    }
}
