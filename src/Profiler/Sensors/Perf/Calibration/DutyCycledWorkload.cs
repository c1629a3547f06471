using System.Globalization;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>A workload at part of its duty: works for a share of each 50 ms and sleeps for the rest, as a camera's network does.</summary>
/// <param name="inner">The work; not disposed with this.</param>
/// <param name="share">Above 0 and below 1.</param>
public sealed class DutyCycledWorkload(ICalibrationWorkload inner, double share, TimeProvider clock) : ICalibrationWorkload
{
    private const double Cycle = 0.05;

    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{inner.Name}@{share * 100:0}%");

    public void Run(Seconds duration)
    {
        long start = clock.GetTimestamp();
        while (Passed() < duration.Value)
        {
            double began = Passed();
            inner.Run(new Seconds(Cycle * share));

            // One run of the work may be longer than its share of a cycle; the rest then lasts as much longer.
            double worked = Passed() - began;
            Thread.Sleep(TimeSpan.FromSeconds(Math.Max(0, Math.Min(worked * (1 - share) / share, duration.Value - Passed()))));
        }

        double Passed() => clock.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
    }
}
