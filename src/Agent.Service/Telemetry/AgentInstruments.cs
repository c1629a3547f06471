using System.Diagnostics.Metrics;
using EdgePrune.Agent.Service.Api;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Trust;
using EdgePrune.Profiler.Timing;

namespace EdgePrune.Agent.Service.Telemetry;

/// <summary>
/// The agent's own instruments. Whoever reads them, Prometheus or a collector, sees the same figures. Names follow
/// OpenTelemetry's semantic conventions for <c>hw.*</c>; what they do not know is <c>edgeprune.*</c>.
/// </summary>
internal sealed class AgentInstruments
{
    public const string MeterName = "EdgePrune.Agent";
    private const string Board = "board";

    /// <param name="meters">Makes the meter and ends it with the service.</param>
    /// <param name="manager">Knows what serves.</param>
    /// <param name="trust">Knows whether newer bundles could go unnoticed.</param>
    /// <param name="power">Knows the board's power while somebody looks at it.</param>
    public AgentInstruments(IMeterFactory meters, DeploymentManager manager, TrustStore trust, PowerMonitor power)
    {
        Meter meter = meters.Create(MeterName);
        meter.CreateObservableGauge("edgeprune.model.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("digest", StatusEndpoints.Health(manager, trust).Model ?? "none")), description: "The model in service.");
        meter.CreateObservableGauge("edgeprune.healthy", () => manager.Fault is null ? 1 : 0, description: "1 while the deployed model can be served.");
        meter.CreateObservableGauge("edgeprune.trust.up_to_date", () => trust.IsUpToDate(out _) ? 1 : 0, description: "1 while newer bundles could not go unnoticed.");
        meter.CreateObservableGauge("hw.temperature", Temperature, "Cel", "Temperature of the hottest thermal zone.");
        meter.CreateObservableGauge("hw.power", () => Power(power.Latest), "W", "Power of the board and of its rails, while it is sampled.");
    }

    // Metrics alone do not open the sensor: a collector that asks for ever would keep it, and the board, awake for ever.
    private static IEnumerable<Measurement<double>> Power(PowerReading? reading)
    {
        if (reading is null)
        {
            yield break;
        }

        var provenance = new KeyValuePair<string, object?>("edgeprune.provenance", reading.Provenance);
        if (reading.Watts is { } watts)
        {
            yield return new Measurement<double>(watts, new KeyValuePair<string, object?>("hw.id", Board), provenance);
        }

        foreach (RailReading rail in reading.Rails)
        {
            yield return new Measurement<double>(rail.Watts, new KeyValuePair<string, object?>("hw.id", rail.Name), new KeyValuePair<string, object?>("hw.parent", Board), provenance);
        }
    }

    private static IEnumerable<Measurement<double>> Temperature() =>
        Conditions.Read().TemperatureCelsius is { } celsius ? [new Measurement<double>(celsius, new KeyValuePair<string, object?>("hw.id", "hottest"))] : [];
}
