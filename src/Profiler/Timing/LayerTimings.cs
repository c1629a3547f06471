using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Timing;

/// <summary>What timing a network and its layers side by side has found. All times are in seconds.</summary>
public sealed record LayerTimings
{
    // A machine that is disturbed less than this is not worth a word.
    internal const double NotablyQuiet = 0.9;

    /// <summary>Time of one execution by layer; the default interval (zero samples) where a layer could not be timed.</summary>
    public required IReadOnlyList<Interval> Layers { get; init; }

    /// <summary>The network as a whole.</summary>
    public required Latency Network { get; init; }

    /// <summary>One reading of each layer a round, in the order of the layers; NaN where a layer could not be timed.</summary>
    public required IReadOnlyList<double[]> LayerRounds { get; init; }

    /// <summary>One reading of the whole network a round, taken among that round's layers.</summary>
    public required IReadOnlyList<double> NetworkRounds { get; init; }

    /// <summary>What a run takes beside its nodes, once a round.</summary>
    public required IReadOnlyList<double> OverheadRounds { get; init; }

    /// <summary>Layers that the runtime does not take alone, by index, with its reason.</summary>
    public required IReadOnlyDictionary<int, string> Problems { get; init; }

    /// <summary>What a reader must know of the machine during the timing.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Why the figures must not be used; empty where they may.</summary>
    public required IReadOnlyList<string> InvalidReasons { get; init; }

    /// <summary>Share of the time, 0 to 1, in which the machine was at the best speed that it has shown.</summary>
    public required double QuietShare { get; init; }

    /// <summary>Seconds of all layers together, a round.</summary>
    public IReadOnlyList<double> LayerSums => [.. LayerRounds.Select(r => r.Where(double.IsFinite).Sum())];

    /// <summary>Interval of <see cref="LayerSums"/>.</summary>
    public Interval LayerSum => Order.MedianInterval([.. LayerSums]);

    /// <summary>Interval of <see cref="OverheadRounds"/>.</summary>
    public Interval RunOverhead => Order.MedianInterval([.. OverheadRounds]);
}
