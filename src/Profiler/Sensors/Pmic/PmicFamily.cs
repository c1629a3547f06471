using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Pmic;

/// <summary>The power management chip of the Raspberry Pi 5, through <c>vcgencmd pmic_read_adc</c>.</summary>
public sealed class PmicFamily : IPowerSourceFamily
{
    private const int Trials = 3;
    private const double ShortestPeriod = 0.1;

    // A source that is busy all the time would measure itself.
    private const double LargestShare = 0.5;

    public string Kind => "rpi5-pmic";

    /// <summary>What the figures leave out, in words for reports.</summary>
    internal const string LeftOut = "without what hangs on 5 V directly (USB, HATs, fan, HDMI's 5 V) and without the converters' own losses";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        var command = new VcGenCmd(context.VcGenCmd);
        (PmicReading reading, Seconds duration) = Measure(command, context.Clock);
        bool all = entry.Rails is [{ Label: null } only] && !reading.Watts.ContainsKey(only.Name);
        string[] names = all ? [.. reading.Watts.Keys.Order(StringComparer.Ordinal)] : [.. entry.Rails.Select(r => Name(r, reading))];
        PowerRail[] rails = all ? [.. names.Select(n => new PowerRail(n, RailRole.Part))] : [.. entry.Rails.Select(r => new PowerRail(r.Name, r.Role))];
        PowerTraits traits = TraitsOf(duration);
        string name = $"Raspberry Pi 5 PMIC, {LeftOut}";
        return new SampledPowerSource(
            name, context.ProvenanceOf(name), rails, traits, new PmicPoller(command, names, traits.Period, duration), context.Scheduler, context.Clock);
    }

    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (VcGenCmd.Find(context.VcGenCmd) is not { } program)
        {
            yield break;
        }

        string? problem = null;
        PmicReading? reading = null;
        Seconds duration = default;
        try
        {
            (reading, duration) = Measure(new VcGenCmd(program), context.Clock);
        }
        catch (SensorException failed)
        {
            problem = failed.Message;
        }

        RailEntry[] rails = [.. (reading?.Watts.Keys ?? []).Order(StringComparer.Ordinal).Select(n => new RailEntry(n, n, null, null, RailRole.Part))];
        yield return new DiscoveredSource(
            "Raspberry Pi PMIC (vcgencmd)",
            new PowerSourceEntry(Kind, null, null, rails),
            [.. rails.Select(r => new PowerRail(r.Name, r.Role))],
            reading is null ? null : TraitsOf(duration),
            problem,
            reading is null ? null : $"Its sum is {LeftOut}. No current is told of {string.Join(", ", reading.Alone)}");
    }

    private static (PmicReading Reading, Seconds Duration) Measure(VcGenCmd command, TimeProvider clock)
    {
        PmicReading? reading = null;
        var seconds = new double[Trials];
        for (int i = 0; i < Trials; i++)
        {
            long start = clock.GetTimestamp();
            reading = PmicReading.Parse(command.ReadAdc());
            seconds[i] = clock.GetElapsedTime(start).TotalSeconds;
        }

        // The first run loads the program from disk.
        return (reading!, new Seconds(seconds.Min()));
    }

    private static PowerTraits TraitsOf(Seconds duration)
    {
        double period = Math.Max(ShortestPeriod, duration.Value / LargestShare);
        return new PowerTraits(new Seconds(period), default, default, new Seconds(period), PowerReadout.Samples);
    }

    private static string Name(RailEntry rail, PmicReading reading)
    {
        string name = rail.Label ?? rail.Name;
        return reading.Watts.ContainsKey(name)
            ? name
            : throw new SensorException($"the PMIC tells no rail '{name}' with voltage and current; it tells {string.Join(", ", reading.Watts.Keys.Order(StringComparer.Ordinal))}");
    }
}
