namespace EdgePrune.Profiler.Timing;

/// <summary>
/// The best speed that the machine has shown, by the time of a reference loop, and how often it was at it. The level is the k-th
/// fastest time seen: a single reading that is fast by chance does not move it.
/// </summary>
internal sealed class MachineSpeed
{
    // Measured on a shared virtual machine: at full speed the reference stays within 5 % of its best; with a neighbour on the same
    // physical core it takes from 25 % to 120 % more, and there is little in between.
    private const double Margin = 1.08;
    private const int Credible = 8;

    // What the reference loses by a neighbour, layers lose in part: between 0.2 (copies) and 1.2 (dispatch) of its logarithm over
    // the layers of ResNet-20, 0.8 for the network.
    private const double Sensitivity = 0.8;

    // Half the range of that exponent between layers.
    private const double Spread = 0.5;
    private const int Fewest = 3;
    private readonly double[] fastest = new double[Credible];
    private long probes;
    private long quiet;

    /// <param name="best">Seconds of the reference at the best speed, where it is known from earlier.</param>
    public MachineSpeed(double best = double.PositiveInfinity) => Array.Fill(fastest, best);

    /// <summary>Seconds of the reference at the best speed; infinite until enough were seen.</summary>
    public double Best => fastest[^1];

    /// <summary>Share of the probes at the best speed, 0 to 1.</summary>
    public double QuietShare => probes == 0 ? 1 : (double)quiet / probes;

    public void Add(double reference)
    {
        probes++;
        if (reference < fastest[^1])
        {
            int place = Array.BinarySearch(fastest, reference);
            place = place < 0 ? ~place : place;
            Array.Copy(fastest, place, fastest, place + 1, fastest.Length - place - 1);
            fastest[place] = reference;
        }

        if (IsQuiet(reference))
        {
            quiet++;
        }
    }

    public bool IsQuiet(double reference) => reference <= Best * Margin;

    /// <summary>
    /// Judged by the best speed known now, so that readings taken before the machine's best was seen are set aside afterwards.
    /// </summary>
    /// <param name="runs">At least one.</param>
    public PacedReading Read(IReadOnlyList<PacedRun> runs)
    {
        double[] undisturbed = [.. runs.Where(r => IsQuiet(r.Reference)).Select(r => r.Seconds)];
        if (undisturbed.Length > 0)
        {
            return new PacedReading(Statistics.Order.Median(undisturbed), true);
        }

        PacedRun[] quietest = [.. runs.OrderBy(r => r.Reference).Take(Math.Max(Fewest, runs.Count / 3))];
        double[] scaled = [.. quietest.Select(r => r.Seconds * Math.Pow(Best / r.Reference, Sensitivity))];
        double slower = Statistics.Order.Median([.. quietest.Select(r => r.Reference)]) / Best;
        return new PacedReading(Statistics.Order.Median(scaled), false, Math.Pow(slower, Spread) - 1);
    }

    /// <summary>All runs as they came, disturbed or not.</summary>
    /// <param name="runs">At least one.</param>
    public static PacedReading ReadAll(IReadOnlyList<PacedRun> runs) =>
        new(Statistics.Order.Median([.. runs.Select(r => r.Seconds)]), false);
}
