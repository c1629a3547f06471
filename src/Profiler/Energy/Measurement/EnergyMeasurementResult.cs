using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>Measured energies, or why there are none.</summary>
public sealed record EnergyMeasurementResult
{
    /// <summary>Why no figure of this run can be trusted; null where they can.</summary>
    public string? Invalid { get; init; }

    public required Provenance Provenance { get; init; }

    /// <summary>One a layer, in joules of one execution; null where the layer could not be measured.</summary>
    public IReadOnlyList<LayerEnergy?> Layers { get; init; } = [];

    /// <summary>One run of the network, measured on its own.</summary>
    public EnergyFigure? Network { get; init; }

    /// <summary>What the runtime takes for a run beside the layers, dynamic.</summary>
    public Interval Overhead { get; init; }

    /// <summary>Power at rest over the whole measurement, in watts.</summary>
    public Interval Idle { get; init; }

    /// <summary>(Σ layers + overhead − network) / network of the dynamic energy.</summary>
    public Interval DynamicResidual { get; init; }

    /// <summary>The same of the total energy.</summary>
    public Interval TotalResidual { get; init; }

    /// <summary>Condition number of the fit, columns scaled; in the tens at most for a sound design.</summary>
    public double Condition { get; init; }

    /// <summary>Median relative half width of the intervals of layers that carry at least 1 % of the energy.</summary>
    public double Precision { get; init; }

    /// <summary>What that would come to in four times the time.</summary>
    public double PrecisionInFourTimes { get; init; }

    public required WindowCounts Windows { get; init; }

    public required Seconds Took { get; init; }

    /// <summary>What was planned, in words.</summary>
    public string Plan { get; init; } = "";

    /// <summary>Mean power of each window, in the order of time: seconds of the clock, watts.</summary>
    public required IReadOnlyList<(double Time, double Watts)> Trace { get; init; }

    public static EnergyMeasurementResult Refused(
        string reason, Provenance provenance, WindowCounts windows, Seconds took, IReadOnlyList<(double Time, double Watts)> trace) =>
        new() { Invalid = reason, Provenance = provenance, Windows = windows, Took = took, Trace = trace };
}

/// <summary>Energy of one layer.</summary>
/// <param name="Figure">Dynamic and total.</param>
/// <param name="Windows">Windows that it rests on.</param>
/// <param name="Samples">New readings in them.</param>
/// <param name="IsBoosted">True where it was also repeated inside the network.</param>
public sealed record LayerEnergy(EnergyFigure Figure, int Windows, int Samples, bool IsBoosted);

/// <summary>How many windows were used, how many were thrown away, and why.</summary>
public sealed record WindowCounts(int Used, int Discarded, IReadOnlyDictionary<string, int> Reasons);
