using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;

namespace EdgePrune.Profiler.Sensors.Packages;

/// <summary>Processors and graphics cards of a PC, through LibreHardwareMonitorLib; only on Windows x64, where it has power sensors.</summary>
public sealed class HardwareMonitorFamily : IPowerSourceFamily
{
    private const string Remedy = "run as administrator with the PawnIO driver installed";

    public string Kind => "lhm";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return new HardwareMonitorPowerSource(context.Clock);
        }
        catch (Exception e) when (e is PlatformNotSupportedException or InputException)
        {
            throw new SensorException(e.Message, e);
        }
    }

    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!HardwareMonitorPowerSource.IsSupported)
        {
            yield break;
        }

        var entry = new PowerSourceEntry(Kind, null, null, [new RailEntry("package", null, null, null, RailRole.Part)]);
        DiscoveredSource found;
        try
        {
            using IPowerSource source = Open(entry, context);
            found = new DiscoveredSource(source.Name, entry, source.Rails, source.Traits, null, null);
        }
        catch (SensorException unusable)
        {
            found = new DiscoveredSource("LibreHardwareMonitorLib", entry, [], null, unusable.Message, Remedy);
        }

        yield return found;
    }
}
