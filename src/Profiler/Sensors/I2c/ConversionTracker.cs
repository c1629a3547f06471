namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>
/// Follows a part that converts on its own clock by looks at its ready flag. The part's oscillator may be 10 % off the data
/// sheet's typical times, so the period is taken from the looks. A look that finds the flag down bounds the end of the round from
/// below, the next look that finds it up from above. While every look succeeds the estimate creeps towards earlier times, so
/// that a look now and then comes too early and the bound is renewed. Times are seconds on any one axis.
/// </summary>
internal sealed class ConversionTracker
{
    private const double Fastest = 0.85;
    private const double Slowest = 1.2;
    private const double Creep = 0.001;
    private const double Jump = 8 * Creep;
    private const double Uncertainty = 0.02;
    private const int Baseline = 256;
    private const int LongestGap = 16;

    private readonly double typical;
    private double down;
    private int misses;
    private double reference;
    private bool hasReference;
    private int count;
    private double later;
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
    public double NextLook => IsLocked ? End + Period : End + (Fastest * Period);

    /// <summary>A round begins now: the part was configured.</summary>
    public void Restart(double start)
    {
        Period = typical;
        End = Earliest = reference = later = start;
        down = double.NaN;
        misses = count = laterCount = 0;
        hasReference = true;
        IsLocked = false;
    }

    /// <summary>The flag was down.</summary>
    public void NotReady(double time) => down = time;

    /// <summary>The flag was up for the first time since it was cleared.</summary>
    public void Ready(double time)
    {
        double rounds = Math.Max(1, Math.Floor((time - End) / Period));
        double end = End + (rounds * Period);
        // A look that came more than a whole round late says nothing about when the flag went up.
        bool isBounded = !double.IsNaN(down) && time - down < Period;
        if (isBounded)
        {
            double correction = Math.Min((time - down) / 2, Jump * typical * (1 << Math.Min(misses, 10)));
            end = end > down && end <= time ? end : down + correction;
            Earliest = down;
            misses++;
            if (!IsLocked)
            {
                IsLocked = true;
                end = (down + time) / 2;
            }
        }
        else
        {
            bool isPunctual = rounds == 1 && time - end < Period / 4;
            end = Math.Min(end, time) - (isPunctual ? Creep * typical : 0);
            Earliest = end - (Uncertainty * Period);
            misses = 0;
        }

        if (rounds > LongestGap || !IsLocked)
        {
            // Over a long gap a small error of the period adds up to a whole round.
            IsLocked = hasReference = false;
        }
        else if (!hasReference)
        {
            reference = later = end;
            count = laterCount = 0;
            hasReference = true;
        }
        else
        {
            Measure(end, (int)rounds);
        }

        End = end;
        down = double.NaN;
    }

    private void Measure(double end, int rounds)
    {
        count += rounds;
        laterCount += rounds;
        Period = Math.Clamp((end - reference) / count, Fastest * typical, Slowest * typical);
        if (laterCount >= Baseline)
        {
            // The period drifts with temperature: the baseline moves on, half of it at a time.
            count = laterCount;
            reference = later;
            later = end;
            laterCount = 0;
        }
    }
}
