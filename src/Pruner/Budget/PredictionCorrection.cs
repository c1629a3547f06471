namespace EdgePrune.Pruner.Budget;

/// <summary>
/// What measured cuts say about a table's predictions: the share of a cost that the table expected, and the one that was measured.
/// Between them the share is interpolated; nothing removed costs all, and below the deepest cut the rest shrinks in proportion.
/// </summary>
public sealed class PredictionCorrection
{
    // Two cuts closer than this are one: between them there would be noise, and no slope.
    private const double Closest = 0.01;

    private readonly Dictionary<CostMetric, (double Predicted, double Measured)[]> known;

    private PredictionCorrection(Dictionary<CostMetric, (double Predicted, double Measured)[]> known) => this.known = known;

    /// <summary>Nothing has been measured: the table's word stands.</summary>
    public static PredictionCorrection None { get; } = new([]);

    /// <summary>With one more measured cut.</summary>
    /// <param name="metric">What was measured.</param>
    /// <param name="predicted">Share that the table itself expected, without a correction: above 0, below 1.</param>
    /// <param name="measured">Share that was measured, above 0.</param>
    public PredictionCorrection With(CostMetric metric, double predicted, double measured)
    {
        if (!(predicted > 0 && predicted < 1 - Closest && double.IsFinite(measured) && measured > 0))
        {
            return this; // tells nothing
        }

        IEnumerable<(double Predicted, double Measured)> others = known.GetValueOrDefault(metric, Array.Empty<(double Predicted, double Measured)>()).Where(k => Math.Abs(k.Predicted - predicted) >= Closest);
        var next = new Dictionary<CostMetric, (double Predicted, double Measured)[]>(known)
        {
            [metric] = [.. others.Append((Predicted: predicted, Measured: measured)).OrderBy(k => k.Predicted)],
        };
        return new PredictionCorrection(next);
    }

    /// <summary>The share that is to be expected where the table expects another.</summary>
    /// <param name="metric">Of what.</param>
    /// <param name="predicted">The table's share, 0 or more.</param>
    public double Share(CostMetric metric, double predicted)
    {
        if (!known.TryGetValue(metric, out (double Predicted, double Measured)[]? cuts) || predicted >= 1)
        {
            return predicted;
        }

        (double Predicted, double Measured) low = (0, 0);
        foreach ((double Predicted, double Measured) high in cuts.Append((1, 1)))
        {
            if (predicted <= high.Predicted)
            {
                // Each step of the interpolation is monotonic as it is rounded, but its end may lie a last digit beyond what was measured.
                double between = low.Measured + ((high.Measured - low.Measured) * (predicted - low.Predicted) / (high.Predicted - low.Predicted));
                return Math.Clamp(between, Math.Min(low.Measured, high.Measured), Math.Max(low.Measured, high.Measured));
            }

            low = high;
        }

        return predicted;
    }
}
