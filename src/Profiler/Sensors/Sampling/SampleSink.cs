using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sampling;

/// <summary>
/// The readings of one window. One thread adds, another may take at the same time. Memory grows by doubling up to a limit, so
/// that adding allocates nothing once a window of usual length has been taken.
/// </summary>
public sealed class SampleSink
{
    /// <summary>Most readings in a window: 16 million, 384 MiB, more than two hours at 2 kHz.</summary>
    public const int Limit = 1 << 24;

    private readonly Lock gate = new();
    private PowerSample[] samples;
    private int count;
    private int taken;
    private string? invalid;

    /// <param name="capacity">Readings to have room for from the start.</param>
    public SampleSink(int capacity = 1 << 14) => samples = new PowerSample[Math.Clamp(capacity, 16, Limit)];

    /// <summary>Why the window must be thrown away, or null. The first reason stays.</summary>
    public string? Invalid
    {
        get
        {
            lock (gate)
            {
                return invalid;
            }
        }
    }

    /// <summary>Adds a reading of a rail.</summary>
    /// <param name="time">Middle of the conversion, since the window began.</param>
    /// <param name="isFresh">False where the part repeated an older conversion.</param>
    public void Add(Seconds time, int rail, Watts power, bool isFresh = true)
    {
        lock (gate)
        {
            if (!double.IsFinite(power.Value) || !double.IsFinite(time.Value))
            {
                invalid ??= $"a reading was not a number at {time}";
                return;
            }

            if (count == samples.Length)
            {
                if (count >= Limit)
                {
                    invalid ??= $"the window holds more than {Limit} readings";
                    return;
                }

                Array.Resize(ref samples, Math.Min(count * 2, Limit));
            }

            samples[count++] = new PowerSample(time, rail, power, isFresh);
        }
    }

    /// <summary>Says why the window cannot be used.</summary>
    public void Fail(string reason)
    {
        lock (gate)
        {
            invalid ??= reason;
        }
    }

    /// <summary>Empties the sink for a new window and keeps its memory.</summary>
    public void Clear()
    {
        lock (gate)
        {
            count = taken = 0;
            invalid = null;
        }
    }

    /// <summary>The oldest reading that was not taken yet.</summary>
    public bool TryTake(out PowerSample sample)
    {
        lock (gate)
        {
            bool any = taken < count;
            sample = any ? samples[taken++] : default;
            return any;
        }
    }

    /// <summary>All readings, in the order in which they came.</summary>
    public PowerSample[] ToArray()
    {
        lock (gate)
        {
            return samples.AsSpan(0, count).ToArray();
        }
    }
}
