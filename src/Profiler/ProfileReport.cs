using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler;

/// <summary>A profile: the network as a whole, its layers, and how well the two agree.</summary>
public sealed record ProfileReport
{
    public required string Device { get; init; }

    /// <summary>Of the energy figures. Times are always measured on this machine.</summary>
    public required Provenance EnergyProvenance { get; init; }

    /// <summary>Runtime, version, provider, threads and optimisation level.</summary>
    public required string Runtime { get; init; }

    public required Latency Latency { get; init; }

    /// <summary>Energy of a run; null where it was to be measured and could not be, see <see cref="Measured"/>.</summary>
    public required EnergyFigure? Energy { get; init; }

    /// <summary>The measurement that the energies come from; null where they are modelled.</summary>
    public EnergyMeasurementResult? Measured { get; init; }

    public required ModelStatistics Statistics { get; init; }

    /// <summary>Peak of the live activations in the order in which the runtime executes.</summary>
    public required long PeakActivationBytes { get; init; }

    public required IReadOnlyList<LayerProfile> Layers { get; init; }

    /// <summary>Source nodes that are not executed.</summary>
    public required IReadOnlyList<FoldedNode> Folded { get; init; }

    public required Closure Closure { get; init; }

    public required Conditions Before { get; init; }

    public required Conditions After { get; init; }

    /// <summary>What a reader must know: a closure above 3 %, drift, throttling, layers that could not be timed alone.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>One layer of a profile.</summary>
/// <param name="Layer">What it is.</param>
/// <param name="Time">Seconds of one execution, the runtime's dispatch included.</param>
/// <param name="Energy">Joules of one execution; null where it could not be measured.</param>
/// <param name="Share">Its time over the sum of all layers' times.</param>
public sealed record LayerProfile(Layer Layer, Interval Time, EnergyFigure? Energy, double Share);

/// <summary>Sum of the layers against the whole. The residual is reported and never spread over the layers.</summary>
/// <param name="LayerSum">Seconds of all layers in a round.</param>
/// <param name="RunOverhead">Seconds that a run takes beside its nodes.</param>
/// <param name="TimeResidual">(layers + overhead − network) / network, as a fraction.</param>
/// <param name="EnergyResidual">The same for the total energy.</param>
public sealed record Closure(Interval LayerSum, Interval RunOverhead, Interval TimeResidual, Interval EnergyResidual);
