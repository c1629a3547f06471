using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Checks;

/// <summary>What a source can resolve of one model.</summary>
/// <param name="Latency">Time of one inference in the loop.</param>
/// <param name="Idle">Power at rest, before and after.</param>
/// <param name="Load">Power while the model runs.</param>
public sealed record ModelResolution(Seconds Latency, Watts Idle, Watts Load)
{
    /// <summary>Up to this share of a layer's energy, differences that pruning makes are seen.</summary>
    public const double Fine = 0.02;

    /// <summary>Beyond this share only the largest are.</summary>
    public const double Coarse = 0.1;

    /// <summary>Energy of one inference above idle.</summary>
    public Joules Dynamic => (Load - Idle) * Latency;

    /// <summary>
    /// Smallest share of its energy by which two loops of equal length can be told apart with 95 % confidence. In a loop of its own a
    /// layer draws about what the network draws, so that this holds for each layer as it does for the whole.
    /// </summary>
    /// <returns>Infinity where the load cannot be told from idle.</returns>
    public double Share(Watts visible) => Load - Idle > visible ? visible.Value / (Load - Idle).Value : double.PositiveInfinity;

    /// <summary>Smallest energy of one inference that can be told from nothing.</summary>
    public Joules Smallest(Watts visible) => visible * Latency;
}
