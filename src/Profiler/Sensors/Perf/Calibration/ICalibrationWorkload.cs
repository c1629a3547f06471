using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>Work that a calibration does again and again.</summary>
public interface ICalibrationWorkload : IDisposable
{
    /// <summary>Name; equal up to an '@' for relatives, see <see cref="CounterObservation.Relatives"/>.</summary>
    string Name { get; }

    /// <summary>Works for about this long, at least once.</summary>
    void Run(Seconds duration);
}
