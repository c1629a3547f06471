using System.Globalization;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>
/// What is measured in the time there is: blocks, each with every layer on its own, the layers that matter repeated inside the
/// network, empty runs and the network, in random order with the board at rest between any two. The first block alone is a
/// complete measurement; every further one makes the intervals narrower.
/// </summary>
internal sealed class MeasurementPlan
{
    private const int FewestBlocks = 3;
    private const int UsualBlocks = 5;
    private const int MostBlocks = 40;
    private const double UsualWindow = 0.75;
    private const double LongestWindow = 2;
    private const double LongestNetworkWindow = 10;
    private const double ShortestSpan = 0.04;
    private const int FewestSamples = 8;
    private const double IdleShare = 0.4;
    private const double NetworkShare = 0.15;
    private const double Matters = 0.02;
    private const int MostRepeats = 512;
    // Of the two empty runs one has so many more that their difference is the cost of a marker.
    private const int ManyMarkers = 64;
    // A boosted layer then takes 60 % of the run: more would cost time for little, less would leave the fit ill-conditioned.
    private const double Boost = 1.5;

    private readonly IEnergyWorkload workload;
    private readonly Random random;
    private readonly bool[] boosted;

    public MeasurementPlan(IEnergyWorkload workload, PowerTraits traits, EnergyMeasurementOptions options)
    {
        this.workload = workload;
        random = new Random(options.Seed);
        Settle = new Seconds(options.Settle.Value + traits.Averaging.Value + traits.Staleness.Value);
        double least = Settle.Value + Math.Max(ShortestSpan, FewestSamples * traits.Period.Value);
        Layers = [.. Enumerable.Range(0, workload.LayerSeconds.Count).Where(i => double.IsFinite(workload.LayerSeconds[i]))];
        boosted = [.. workload.LayerSeconds.Select(t => t >= Matters * workload.NetworkSeconds && Repeats(t) is >= 1 and <= MostRepeats)];

        double budget = options.Budget.Value;
        int load = Layers.Count + 2 + boosted.Count(b => b);
        if (BlockSeconds(load, least) * UsualBlocks > budget * (1 - NetworkShare))
        {
            // Better every layer on its own five times than a few of them twice over.
            Array.Clear(boosted);
            load = Layers.Count + 2;
        }

        double fitting = budget * (1 - NetworkShare) / (load * (1 + IdleShare) * UsualBlocks);
        double window = Math.Clamp(fitting, least, Math.Max(least, UsualWindow));
        Blocks = (int)Math.Clamp(budget * (1 - NetworkShare) / BlockSeconds(load, window), FewestBlocks, MostBlocks);
        if (Blocks == MostBlocks)
        {
            window = Math.Clamp(budget * (1 - NetworkShare) / BlockSeconds(load, 1) / MostBlocks, window, Math.Max(window, LongestWindow));
        }

        Window = new Seconds(window);
        NetworkWindow = new Seconds(Math.Clamp(budget * NetworkShare / Blocks / (1 + IdleShare), window, Math.Max(window, LongestNetworkWindow)));
        IdleWindow = new Seconds(Math.Max(IdleShare * window, least));
    }

    /// <summary>The beginning of each window, which is not counted.</summary>
    public Seconds Settle { get; }

    /// <summary>Layers that can be measured on their own.</summary>
    public IReadOnlyList<int> Layers { get; }

    public int Blocks { get; }

    public Seconds Window { get; }

    public Seconds NetworkWindow { get; }

    public Seconds IdleWindow { get; }

    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Blocks} blocks of {Layers.Count} layers ({boosted.Count(b => b)} also repeated inside the network), windows of {Window.Value * 1e3:F0} ms");

    /// <summary>One block in random order.</summary>
    public IReadOnlyList<PlannedWindow> Block()
    {
        var windows = new List<PlannedWindow>
        {
            new(WindowKind.Empty, -1, 1, Window),
            new(WindowKind.Empty, -1, ManyMarkers, Window),
            new(WindowKind.Network, -1, 0, NetworkWindow),
        };
        foreach (int layer in Layers)
        {
            windows.Add(new PlannedWindow(WindowKind.Layer, layer, 0, Window));
            if (boosted[layer])
            {
                windows.Add(new PlannedWindow(WindowKind.Boosted, layer, Repeats(workload.LayerSeconds[layer]), Window));
            }
        }

        PlannedWindow[] order = [.. windows];
        random.Shuffle(order);
        return order;
    }

    public PlannedWindow Idle() => new(WindowKind.Idle, -1, 0, IdleWindow);

    /// <summary>Repeats a layer no more inside the network: it cannot be.</summary>
    public void Unboost(int layer) => boosted[layer] = false;

    private static double BlockSeconds(int windows, double window) => windows * window * (1 + IdleShare);

    private int Repeats(double seconds) =>
        seconds > 0 ? (int)Math.Clamp(Math.Round(Boost * workload.NetworkSeconds / seconds), 1, MostRepeats + 1) : MostRepeats + 1;
}
