using System.Globalization;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>
/// Reads each round of a converting part once: looks at its flag when the round should end, and looks again until it has. A
/// round that was found too late, whose registers the next one may have overwritten, is given up and not mixed with it.
/// </summary>
internal sealed class ConversionPoller : IPoller
{
    private const double CheckSeconds = 0.05;
    private const double StallRounds = 4;
    private const double StallSeconds = 0.05;
    private const int StallLooks = 8;
    private const int MostEarlyFlags = 3;
    private const double LatestEarlyFlag = 0.75;
    // A look costs a transfer: between looks for a long round there is no need to hurry.
    private const double LookAgainRounds = 1.0 / 64;

    private readonly IConverter converter;
    private readonly TimeProvider clock;
    private readonly ConversionTracker tracker;
    private long prepared;
    private bool isFirst;
    private double lead;
    private double checkedAt;
    private int looks;
    private int earlyFlags;
    private bool isFlagNext;

    public ConversionPoller(IConverter converter, TimeProvider clock)
    {
        this.converter = converter;
        this.clock = clock;
        tracker = new ConversionTracker(converter.TypicalPeriod.Value);
    }

    /// <summary>Rounds that were read.</summary>
    public long Taken { get; private set; }

    /// <summary>Rounds that were found too late to be read as one.</summary>
    public long Lost { get; private set; }

    public void Begin()
    {
        converter.Prepare();
        prepared = clock.GetTimestamp();
        isFirst = true;
        looks = earlyFlags = 0;
        checkedAt = 0;
        Taken = Lost = 0;
    }

    public Seconds Poll(Seconds now, SampleSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        long entered = clock.GetTimestamp();
        if (isFirst)
        {
            isFirst = false;
            tracker.Restart(now.Value - Elapsed(prepared, entered));
            if (now.Value + lead < tracker.NextLook)
            {
                return Next();
            }
        }

        bool isReady = converter.IsReady();
        double look = now.Value + Elapsed(entered, converter.Registers.Latched);
        lead += (look - now.Value - lead) / 8;
        if (!isReady)
        {
            NotReady(look);
            return new Seconds(look + (LookAgainRounds * tracker.Period));
        }

        looks = 0;
        tracker.Ready(look);
        if (!tracker.IsLocked)
        {
            converter.Discard();
            Lost++;
            return Next();
        }

        long earliest = entered + (long)((tracker.Earliest - now.Value) * clock.TimestampFrequency);
        if (!converter.TryRead(new RoundEnd(clock, earliest, tracker.Scale)))
        {
            Lost++;
            return Next();
        }

        Taken++;
        converter.Emit(new Seconds(tracker.End), tracker.Scale, sink);
        if (look - checkedAt > CheckSeconds)
        {
            checkedAt = look;
            Check(now.Value, entered);
        }

        return Next();
    }

    public void Dispose() => converter.Registers.Dispose();

    private Seconds Next() => new(tracker.NextLook - lead);

    private double Elapsed(long from, long to) => clock.GetElapsedTime(from, to).TotalSeconds;

    private void NotReady(double look)
    {
        tracker.NotReady(look);
        looks++;
        double waited = look - tracker.End;
        if (looks >= StallLooks && waited > (StallRounds * converter.TypicalPeriod.Value) + StallSeconds)
        {
            looks = 0;
            converter.CheckSettings();
            throw converter.Registers.Failure(string.Create(
                CultureInfo.InvariantCulture,
                $"no conversion ended for {waited * 1e3:F0} ms, where one takes {converter.TypicalPeriod.Milliseconds:F2} ms: the part has stopped or another program has changed its settings"));
        }
    }

    // A part that browned out converts on with other settings, and a part that is stuck shows its flag at all times. One of the
    // two is looked at each time, because a slow bus has no time for both between two rounds.
    private void Check(double now, long entered)
    {
        isFlagNext = !isFlagNext;
        if (!isFlagNext)
        {
            converter.CheckSettings();
            return;
        }

        bool isReady = converter.IsReady();
        double look = now + Elapsed(entered, converter.Registers.Latched);
        if (!isReady || look - tracker.Earliest > LatestEarlyFlag * tracker.Period)
        {
            earlyFlags = 0;
        }
        else if (++earlyFlags >= MostEarlyFlags)
        {
            throw converter.Registers.Failure("the flag for a new conversion stays up after it was cleared: old readings cannot be told from new ones");
        }
    }
}
