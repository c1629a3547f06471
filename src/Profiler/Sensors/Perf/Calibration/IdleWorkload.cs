using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>Does nothing.</summary>
public sealed class IdleWorkload : ICalibrationWorkload
{
    public string Name => "idle";

    public void Run(Seconds duration) => Thread.Sleep(TimeSpan.FromSeconds(duration.Value));

    public void Dispose()
    {
    }
}
