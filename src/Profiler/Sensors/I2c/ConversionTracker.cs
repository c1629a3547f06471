namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>
/// Follows a part that converts on its own clock by looks at its ready flag. The part's oscillator may be 10 % off the data
/// sheet's typical times, so the period is taken from the looks. A look that finds the flag down bounds the end of the round from
/// below, the next look that finds it up from above. While every look succeeds the estimate creeps towards earlier times, so
/// that a look now and then comes too early and the bounds are renewed. Times are seconds on any one axis.
/// </summary>
internal sealed class ConversionTracker
{
    private const double Fastest = 0.85;
    private const double Slowest = 1.2;
    private const double Creep = 0.001;
    private const double Jump = 8;
    private const double Uncertainty = 0.02;
    private const double WidestBound = 0.5;
    private const double Contradiction = 0.15;
    private const int Baseline = 256;
    private const int LongestGap = 16;
    private const double TryEarlier = 0.1;
    private const double EarliestLook = 0.35;

    private readonly double typical;
    private double down;
    private double lowest;
    private double periodError;
    private int misses;
    private int late;
    private double reference;
    private bool hasReference;
    private int count;
    private double? later;
    private int laterCount;

    public ConversionTracker(double typicalPeriod)
    {
        typical = typicalPeriod;
        Restart(0);
    }

    /// <summary>Best estimate of the part's period in seconds.</summary>
    public double Period { get; private set; }

    /// <summary>How much slower than typical the part converts.</summary>
    public double Scale => Period / typical;

    /// <summary>Estimated end of the last round that was seen; the start of the first before any was.</summary>
    public double End { get; private set; }

    /// <summary>The last round cannot have ended before this; says nothing while the tracker is not locked.</summary>
    public double Earliest { get; private set; }

    /// <summary>False until a round's end was bounded from both sides.</summary>
    public bool IsLocked { get; private set; }

    /// <summary>When to look for the end of the round under way; before that end until the tracker is locked.</summary>
    public double NextLook => End + (Period * (IsLocked ? 1 : Math.Max(EarliestLook, Fastest - (TryEarlier * late))));

    // The estimate must creep faster than an error of the period can carry it away towards later times.
    private double CreepStep => (Creep * typical) + periodError;

    /// <summary>A round begins now: the part was configured.</summary>
    public void Restart(double start)
    {
        End = Earliest = lowest = reference = start;
        hasReference = true;
        down = double.NaN;
        Forget();
    }

    /// <summary>The flag was down.</summary>
    public void NotReady(double time) => down = time;

    /// <summary>The flag was up for the first time since it was cleared.</summary>
    public void Ready(double time)
    {
        int rounds = (int)Math.Clamp(Math.Floor((time - End) / Period), 1, int.MaxValue);
        double end = End + (rounds * Period);
        lowest += rounds * (Period - periodError);
        // A look that came much more than half a round late says little about when the flag went up.
        double width = time - down;
        bool isBounded = width < WidestBound * Period;
        if (isBounded)
        {
            end = Between(end, time);
            misses++;
        }
        else
        {
            bool isPunctual = rounds == 1 && time - end < Period / 4;
            end = Math.Min(end, time) - (isPunctual ? CreepStep : 0);
            misses = 0;
            late += IsLocked ? 0 : 1;
        }

        lowest = Math.Min(lowest, end);
        Earliest = lowest - (Uncertainty * Period);
        if (isBounded)
        {
            Earliest = Math.Max(Earliest, down);
        }

        Count(end, rounds, isBounded ? width : double.NaN);
        End = end;
        down = double.NaN;
    }

    // The round ended between the last look that found the flag down and the one that found it up.
    private double Between(double expected, double time)
    {
        double width = time - down;
        if (IsLocked && down - expected > Contradiction * Period)
        {
            // The flag was down long after it should have gone up: the period or the count of rounds is wrong.
            Forget();
            hasReference = false;
        }

        if (!IsLocked)
        {
            IsLocked = true;
            late = 0;
            lowest = down;
            return (down + time) / 2;
        }

        lowest = Math.Max(lowest, down);
        return expected > down && expected <= time
            ? expected
            : down + Math.Min(width / 2, Jump * CreepStep * (1 << Math.Min(misses, 10)));
    }

    // The period is measured from one bounded end to another; the rounds between them are only counted.
    private void Count(double end, int rounds, double width)
    {
        bool isBounded = !double.IsNaN(width);
        if (rounds > LongestGap || !IsLocked)
        {
            // Over a long gap a small error of the period adds up to a whole round.
            IsLocked = hasReference = false;
            return;
        }

        if (!hasReference)
        {
            if (isBounded)
            {
                reference = end;
                later = null;
                count = laterCount = 0;
                hasReference = true;
            }

            return;
        }

        count += rounds;
        laterCount += rounds;
        if (!isBounded)
        {
            return;
        }

        periodError = 2 * width / count;
        Period = Math.Clamp((end - reference) / count, Fastest * typical, Slowest * typical);
        if (laterCount >= Baseline)
        {
            // The period drifts with temperature: the baseline moves on, half of it at a time.
            if (later is { } half)
            {
                count = laterCount;
                reference = half;
            }

            later = end;
            laterCount = 0;
        }
    }

    // Nothing is known of the period but what the data sheet says.
    private void Forget()
    {
        Period = typical;
        periodError = (1 - Fastest) * typical;
        later = null;
        misses = late = count = laterCount = 0;
        IsLocked = false;
    }
}
