using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Reconstruction;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// As <see cref="ReconstructionErrorImportance"/>, with layers made comparable by measurement: at some widths of each group the reading layers
/// take their made-up weights, and the relative squared change of the outputs is measured on samples. A unit scores its share of the
/// rise between the two widths that it lies between.
/// </summary>
public sealed class RecoveredSensitivityImportance : RegressionImportance
{
    private const int MeasuredSamples = 128;

    private static readonly double[] Shares = [0.125, 0.25, 0.5, 0.75, 0.9];

    public override string Name => "recovered";

    public override string Summary => "change of the outputs after least squares have made up for the units, measured";

    private protected override Func<UnitGroup, IReadOnlyList<ReadingLayer>, IEnumerable<(int Unit, double Score)>> Scorer(
        ImportanceContext context, CalibrationData data)
    {
        var change = new OutputChange(context, new CalibrationData(data.Samples, MeasuredSamples, context.Seed));
        return (group, layers) => Score(group, layers, change);
    }

    private static IEnumerable<(int Unit, double Score)> Score(UnitGroup group, IReadOnlyList<ReadingLayer> layers, OutputChange change)
    {
        int count = group.Units.Count;
        int[] ends = [.. Shares.Select(s => (int)Math.Round(s * count)).Where(n => n > 0 && n < count).Distinct()];
        var weights = new Dictionary<int, float[][]>();
        RemovalPath path = RemovalPath.Of(group, layers, (removed, now) =>
        {
            if (ends.Contains(removed))
            {
                weights[removed] = [.. layers.Zip(now, (layer, rows) => layer.Pack(rows))];
            }
        });
        double[] changes = [.. ends.Select(end => change.Of(
            [.. layers.Select((l, i) => TensorEditor.FromFloats(l.Layer.Weights, weights[end][i], Array.ConvertAll(l.Layer.Dims, d => (long)d)))],
            layers.Select(l => l.Layer.Data)))];
        return Spread(path, ends, changes);
    }

    // Between two measured widths a unit takes the part of the rise that its own error is of the errors there.
    private static IEnumerable<(int Unit, double Score)> Spread(RemovalPath path, int[] ends, double[] changes)
    {
        double before = 0;
        double most = 0;
        int start = 0;
        for (int e = 0; e < ends.Length; e++)
        {
            double rise = Math.Max(0, changes[e] - before);
            double all = path.Errors[ends[e] - 1] - (start == 0 ? 0 : path.Errors[start - 1]);
            for (int i = start; i < ends[e]; i++)
            {
                double own = path.Errors[i] - (i == 0 ? 0 : path.Errors[i - 1]);
                most = Math.Max(most, all <= 0 ? rise / (ends[e] - start) : rise * own / all);
                yield return (path.Order[i], most);
            }

            start = ends[e];
            before = Math.Max(before, changes[e]);
        }

        for (; start < path.Order.Count; start++)
        {
            yield return (path.Order[start], most);
        }
    }
}
