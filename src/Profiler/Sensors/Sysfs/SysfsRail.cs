using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sysfs;

/// <summary>One rail while it is read: open files and what they said last.</summary>
internal sealed class SysfsRail(SysfsChannel channel, int rail) : IDisposable
{
    private KernelFile? file;
    private KernelFile? voltage;
    private long lastFile;
    private long lastVoltage;
    private bool any;
    private double due;
    private double fresh;

    public double Due => due;

    /// <summary>Opens the files anew: a part that was plugged in again has other ones.</summary>
    /// <exception cref="SensorException">One is not there or may not be read.</exception>
    public void Begin()
    {
        Dispose();
        file = KernelFile.Open(channel.Path);
        voltage = channel.VoltagePath is null ? null : KernelFile.Open(channel.VoltagePath);
        any = false;
        due = fresh = 0;
    }

    /// <summary>Reads where it is time to.</summary>
    /// <returns>True where it was read and differs from before.</returns>
    /// <exception cref="SensorException">A file gave no number.</exception>
    public bool Poll(double now, SampleSink sink)
    {
        if (now < due)
        {
            return false;
        }

        long value = file!.Read();
        long volts = voltage is null ? 1 : voltage.Read();
        bool changed = any && (value != lastFile || volts != lastVoltage);
        ChannelTiming timing = channel.Timing;
        bool isFresh = !any || changed || now - fresh >= timing.RepeatsAfter.Value;
        sink.Add(new Seconds(now) - timing.Lag, rail, new Watts((double)value * volts * channel.Scale), isFresh);
        fresh = isFresh ? now : fresh;
        (lastFile, lastVoltage, any) = (value, volts, true);
        // On the grid of the period, so that one late poll does not shift all that follow.
        due += timing.Poll.Value;
        due = due <= now ? now + timing.Poll.Value : due;
        return changed;
    }

    public void Dispose()
    {
        file?.Dispose();
        voltage?.Dispose();
        file = voltage = null;
    }
}
