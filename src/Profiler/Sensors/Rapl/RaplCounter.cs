using System.Globalization;
using EdgePrune.Profiler.Sensors.Sysfs;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Rapl;

/// <summary>
/// Adds up one counter over its wraps. What a counter cannot tell, the power does: a step that would need more than
/// <see cref="MostWatts"/> is no wrap but a counter that ran backwards.
/// </summary>
internal sealed class RaplCounter(RaplZone zone) : IDisposable
{
    /// <summary>More than any processor package draws.</summary>
    public const double MostWatts = 2000;

    private const double Micro = 1e-6;

    // The counter is updated about every millisecond: a reading can hold a little more than the time since the last one.
    private const double UpdateSeconds = 5e-3;
    private KernelFile? file;
    private long last;
    private double lastTime;

    public Joules Energy { get; private set; }

    /// <summary>Shortest time in which the counter could wrap.</summary>
    public static double ShortestWrap(RaplZone zone) => zone.RangeMicrojoules * Micro / MostWatts;

    /// <exception cref="SensorException">The counter is not there or may not be read.</exception>
    public void Begin()
    {
        Dispose();
        if (!KernelFile.TryOpen(zone.EnergyPath, out file, out KernelFault fault))
        {
            throw new SensorException(fault == KernelFault.Denied ? RaplFamily.Denied(zone.EnergyPath) : KernelFile.Describe(zone.EnergyPath, fault));
        }

        last = file.Read();
        lastTime = 0;
        Energy = default;
    }

    /// <summary>Reads the counter.</summary>
    /// <param name="time">Seconds since the window began.</param>
    /// <returns>Energy since the last reading.</returns>
    /// <exception cref="SensorException">There is no number, or none that can follow the last one.</exception>
    public Joules Advance(double time)
    {
        long value = file!.Read();
        double elapsed = Math.Max(0, time - lastTime);
        if (value < 0 || value > zone.RangeMicrojoules)
        {
            throw new SensorException($"{zone.EnergyPath} says {value} µJ, beyond its own range of {zone.RangeMicrojoules} µJ");
        }

        if (elapsed > ShortestWrap(zone))
        {
            throw new SensorException(string.Create(
                CultureInfo.InvariantCulture, $"{zone.Name} was not read for {elapsed:F1} s; its counter may have wrapped more than once in that time"));
        }

        long step = value >= last ? value - last : zone.RangeMicrojoules - last + value;
        double joules = step * Micro;
        if (joules > MostWatts * (elapsed + UpdateSeconds))
        {
            string how = value < last ? "ran backwards without reaching its end" : "jumped";
            throw new SensorException(string.Create(
                CultureInfo.InvariantCulture, $"the counter of {zone.Name} {how}: from {last} to {value} µJ in {elapsed * 1e3:F0} ms"));
        }

        (last, lastTime) = (value, time);
        Energy += new Joules(joules);
        return new Joules(joules);
    }

    public void Dispose()
    {
        file?.Dispose();
        file = null;
    }
}
