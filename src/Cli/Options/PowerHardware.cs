using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Sampling;

namespace EdgePrune.Cli.Options;

/// <summary>This machine as sensor code reaches it.</summary>
internal static class PowerHardware
{
    public static PowerSourceContext OfThisMachine() => new()
    {
        Clock = TimeProvider.System,
        Scheduler = new ThreadPollScheduler(TimeProvider.System),
        OpenBus = bus => throw new SensorException($"I2C bus {bus} cannot be opened: this build has no way to I2C"),
    };
}
