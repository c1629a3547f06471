using EdgePrune.Profiler.Units;

namespace EdgePrune.Cli.Sensors;

/// <summary>What one rail carried: figures over all time, and means of the last short spans for a sparkline.</summary>
internal sealed class RailHistory
{
    private const int MostSpans = 600;
    private readonly double spanSeconds;
    private readonly Queue<double> spans = new();
    private double spanEnd;
    private double spanSum;
    private int spanCount;
    private double sum;

    public RailHistory(double spanSeconds)
    {
        this.spanSeconds = spanSeconds;
        spanEnd = spanSeconds;
    }

    public long Readings { get; private set; }

    public double? Min { get; private set; }

    public double? Max { get; private set; }

    public double? Last { get; private set; }

    public double? Mean => Readings == 0 ? null : sum / Readings;

    public IEnumerable<double> Spans => spans;

    /// <summary>Adds a new reading.</summary>
    public void Add(Seconds time, Watts power)
    {
        while (time.Value >= spanEnd && spanCount > 0)
        {
            spans.Enqueue(spanSum / spanCount);
            if (spans.Count > MostSpans)
            {
                spans.Dequeue();
            }

            (spanSum, spanCount) = (0, 0);
        }

        // A span without readings is left out: a slow sensor has a short sparkline, not one with holes.
        spanEnd = time.Value >= spanEnd ? (Math.Floor(time.Value / spanSeconds) + 1) * spanSeconds : spanEnd;
        (spanSum, spanCount) = (spanSum + power.Value, spanCount + 1);
        Readings++;
        sum += power.Value;
        Last = power.Value;
        Min = Math.Min(Min ?? power.Value, power.Value);
        Max = Math.Max(Max ?? power.Value, power.Value);
    }
}
