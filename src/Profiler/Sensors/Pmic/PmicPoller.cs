using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Sensors.Sysfs;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Pmic;

/// <summary>
/// Asks the firmware some ten times a second. Each poll starts a process, which allocates and costs the board a few milliseconds of
/// one core: that is what this source costs, and why it is not asked more often.
/// </summary>
internal sealed class PmicPoller(VcGenCmd command, IReadOnlyList<string> names, Seconds period, Seconds duration) : IPoller
{
    private readonly double[] last = new double[names.Count];
    private readonly UnchangedWatch watch = new();
    // Seeded: a run can be repeated.
    private readonly Random dither = new(1);
    private const double Dither = 0.25;
    private double fresh;
    private bool any;

    public void Begin()
    {
        watch.Begin();
        any = false;
        fresh = 0;
    }

    public Seconds Poll(Seconds now, SampleSink sink)
    {
        PmicReading reading = PmicReading.Parse(command.ReadAdc());
        bool changed = false;
        for (int i = 0; i < names.Count; i++)
        {
            if (!reading.Watts.TryGetValue(names[i], out double watts))
            {
                throw new SensorException($"vcgencmd pmic_read_adc no longer tells voltage and current of {names[i]}");
            }

            changed |= any && watts != last[i];
            last[i] = watts;
        }

        bool isFresh = !any || changed || now.Value - fresh >= period.Value * (1 - Dither);
        for (int i = 0; i < names.Count; i++)
        {
            // The converter is read somewhere within the process's run.
            sink.Add(now + (duration / 2), i, new Watts(last[i]), isFresh);
        }

        if (watch.IsStuck(now, changed) && sink.Invalid is null)
        {
            sink.Fail(watch.Describe("vcgencmd pmic_read_adc"));
        }

        fresh = isFresh ? now.Value : fresh;
        any = true;
        // At even times a network that takes a multiple of the period would show the same part of itself each time.
        return now + (period * (1 - Dither + (2 * Dither * dither.NextDouble())));
    }

    public void Dispose()
    {
    }
}
