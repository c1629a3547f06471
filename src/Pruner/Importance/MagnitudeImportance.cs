using System.Collections.Concurrent;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Norm of a unit's weights (Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017), over everything that goes with it:
/// the weights that make it, the scale of a normalisation, the weights that read it. Each slice counts relative to the mean of
/// its tensor, since layers differ in the size of their weights, and the slices are summed, since a unit of a residual trunk
/// touches many layers and costs the network more than a unit inside one block.
/// </summary>
public sealed class MagnitudeImportance(string name, int order) : IImportance
{
    public string Name => name;

    public string Summary => $"L{order} norm of all weights of a unit (Li et al., ICLR 2017)";

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var weights = new WeightTensors(context.Model);
        var norms = new ConcurrentDictionary<(string Tensor, int Axis), double[]?>();
        double[] scores = SliceScores.Of(context.Coupling, context.Reduction ?? Reduction.Sum, (group, s) =>
        {
            UnitSlice sample = group.Units[0].Slices[s];
            if (!weights.Counts(sample) || norms.GetOrAdd((sample.Tensor, sample.Axis), a => Norms(weights, a.Tensor, a.Axis)) is not { } along)
            {
                return null;
            }

            double mean = along.Average();
            return [.. group.Units.Select(u => mean == 0 ? 0 : u.Slices[s].Indices.Average(i => along[i]) / mean)];
        });

        // Weights that are all alike have nothing to tell their units apart.
        return Array.ConvertAll(scores, s => double.IsNaN(s) ? 0 : s);
    }

    private double[]? Norms(WeightTensors weights, string tensor, int axis)
    {
        if (weights.Values(tensor) is not { } values)
        {
            return null;
        }

        double[] sums = WeightTensors.Along(values, weights.Dims(tensor), axis, order == 1 ? Math.Abs : w => w * w);
        return order == 1 ? sums : Array.ConvertAll(sums, Math.Sqrt);
    }
}
