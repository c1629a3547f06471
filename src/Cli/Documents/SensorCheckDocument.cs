using EdgePrune.Profiler.Sensors.Checks;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>sensors --check</c>.</summary>
/// <param name="Device">The device.</param>
/// <param name="Source">The source that was checked.</param>
/// <param name="Provenance">measured, counted or simulated.</param>
/// <param name="Noise">What it shows of the board at rest.</param>
/// <param name="Model">What it can resolve of the model; null where none was given.</param>
internal sealed record SensorCheckDocument(string Device, string Source, string Provenance, CheckedNoise Noise, CheckedModel? Model)
{
    /// <summary>Lengths of loops in seconds for which figures are given.</summary>
    private static readonly double[] Loops = [1, 10];

    public static CheckedNoise NoiseOf(SensorNoise noise) => new(
        noise.Mean.Value,
        noise.Deviation.Value * 1e3,
        noise.Step.Value > 0 ? noise.Step.Value * 1e3 : null,
        noise.DriftPerMinute.Value * 1e3,
        noise.DriftError.Value * 1e3,
        noise.RateHertz,
        noise.StaleShare,
        [.. noise.Points.Select(p => new NoisePoint(p.Window.Value, p.Deviation.Value * 1e3, p.Windows))],
        [.. Loops.Select(s => new VisiblePower(s, noise.Visible(new Seconds(s)).Value * 1e3, noise.Points[^1].Window.Value >= s / 2))]);

    public static CheckedModel ModelOf(string model, ModelResolution found, SensorNoise noise)
    {
        VisibleEnergy[] visible = [.. Loops.Select(seconds =>
        {
            Watts least = noise.Visible(new Seconds(seconds));
            double share = found.Share(least);
            return new VisibleEnergy(seconds, found.Smallest(least).Microjoules, double.IsFinite(share) ? share : null);
        })];
        double best = visible[^1].LayerShare ?? double.PositiveInfinity;
        string verdict = best <= ModelResolution.Fine ? "resolves" : best <= ModelResolution.Coarse ? "coarse" : "cannot_resolve";
        return new CheckedModel(
            model, found.Latency.Milliseconds, found.Idle.Value, found.Load.Value, found.Dynamic.Millijoules, visible, verdict);
    }
}

/// <param name="MeanW">Mean power of the sum.</param>
/// <param name="DeviationMw">Standard deviation of single readings.</param>
/// <param name="StepMw">Smallest step, or null where the source does not say.</param>
/// <param name="DriftMwPerMinute">Slope.</param>
/// <param name="DriftErrorMwPerMinute">Standard error of the slope.</param>
/// <param name="RateHz">New readings a second that were seen.</param>
/// <param name="StaleShare">Share of readings that only repeated the one before.</param>
/// <param name="Means">Noise of means over windows.</param>
/// <param name="Visible">Smallest difference of power that is seen with 95 % confidence.</param>
internal sealed record CheckedNoise(
    double MeanW,
    double DeviationMw,
    double? StepMw,
    double DriftMwPerMinute,
    double DriftErrorMwPerMinute,
    double RateHz,
    double StaleShare,
    IReadOnlyList<NoisePoint> Means,
    IReadOnlyList<VisiblePower> Visible);

/// <param name="WindowS">Length of the windows.</param>
/// <param name="DeviationMw">Two-sample deviation of their means.</param>
/// <param name="Windows">How many.</param>
internal sealed record NoisePoint(double WindowS, double DeviationMw, int Windows);

/// <param name="LoopS">Length of a loop.</param>
/// <param name="PowerMw">Smallest visible difference.</param>
/// <param name="Seen">Whether windows about as long were seen; else it is taken from the longest that were.</param>
internal sealed record VisiblePower(double LoopS, double PowerMw, bool Seen);

/// <param name="Path">The model's file.</param>
/// <param name="LatencyMs">Time of one inference.</param>
/// <param name="IdleW">Power at rest.</param>
/// <param name="LoadW">Power while it runs.</param>
/// <param name="DynamicMj">Energy of one inference above idle.</param>
/// <param name="Visible">What loops of some lengths can tell.</param>
/// <param name="Verdict"><c>resolves</c>, <c>coarse</c> or <c>cannot_resolve</c>.</param>
internal sealed record CheckedModel(
    string Path, double LatencyMs, double IdleW, double LoadW, double DynamicMj, IReadOnlyList<VisibleEnergy> Visible, string Verdict);

/// <param name="LoopS">Length of a loop.</param>
/// <param name="InferenceUj">Smallest energy of an inference that can be told from nothing.</param>
/// <param name="LayerShare">Smallest change of a layer's energy that is seen, as a fraction of it; null where the load itself is not.</param>
internal sealed record VisibleEnergy(double LoopS, double InferenceUj, double? LayerShare);
