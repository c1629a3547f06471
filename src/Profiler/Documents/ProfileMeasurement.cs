using EdgePrune.Profiler.Energy.Measurement;

namespace EdgePrune.Profiler.Documents;

/// <summary>How the energies were measured.</summary>
/// <param name="Invalid">Why there are no energies, or null.</param>
/// <param name="Plan">What was measured, in words.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Windows">Windows used.</param>
/// <param name="Discarded">Windows thrown away, by reason.</param>
/// <param name="IdleW">Power at rest.</param>
/// <param name="OverheadUj">Dynamic energy of a run beside the layers.</param>
/// <param name="DynamicResidualPct">(Σ layers + overhead − network) / network of the dynamic energy, in percent.</param>
/// <param name="TotalResidualPct">The same of the total energy.</param>
/// <param name="Condition">Condition number of the fit.</param>
/// <param name="PrecisionPct">Median half width of the intervals of layers with at least 1 % of the energy.</param>
/// <param name="PrecisionInFourTimesPct">What that would be in four times the time.</param>
/// <param name="Trace">Mean power of the windows, two points a window: seconds since the first, watts.</param>
public sealed record ProfileMeasurement(
    string? Invalid,
    string Plan,
    double Seconds,
    int Windows,
    IReadOnlyDictionary<string, int> Discarded,
    Figure? IdleW,
    Figure? OverheadUj,
    Figure? DynamicResidualPct,
    Figure? TotalResidualPct,
    double? Condition,
    double? PrecisionPct,
    double? PrecisionInFourTimesPct,
    IReadOnlyList<double[]> Trace)
{
    // Microseconds and microwatts: finer than any sensor here, and a third of the characters.
    private const int TraceDecimals = 6;

    public static ProfileMeasurement Of(EnergyMeasurementResult result)
    {
        double start = result.Trace.Count > 0 ? result.Trace[0].Time : 0;
        return new ProfileMeasurement(
            result.Invalid,
            result.Plan,
            result.Took.Value,
            result.Windows.Used,
            result.Windows.Reasons,
            Figure.Of(result.Idle, 1),
            Figure.Of(result.Overhead, 1e6),
            Figure.Of(result.DynamicResidual, 100),
            Figure.Of(result.TotalResidual, 100),
            result.Invalid is null ? Finite(result.Condition) : null,
            result.Invalid is null ? Finite(result.Precision * 100) : null,
            result.Invalid is null ? Finite(result.PrecisionInFourTimes * 100) : null,
            [.. result.Trace.Select(p => new[] { Math.Round(p.Time - start, TraceDecimals), Math.Round(p.Watts, TraceDecimals) })]);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
