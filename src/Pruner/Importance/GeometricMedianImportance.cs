using System.Numerics.Tensors;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Distance to the others of the group, Σ_v ‖w_u − w_v‖₂ (He et al., "Filter Pruning via Geometric Median", CVPR 2019): what lies near the
/// geometric median of all can be said by the others. Slices that make a unit and slices that read it are taken apart and averaged.
/// </summary>
public sealed class GeometricMedianImportance : IImportance
{
    public string Name => "fpgm";

    public string Summary => "distance to the group's other units (FPGM, CVPR 2019)";

    public ScoreNormalization Normalization => ScoreNormalization.Mean;

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var weights = new WeightTensors(context.Model);
        double[] scores = SliceScores.Of(context.Coupling, context.Reduction ?? Reduction.Mean, (group, s) =>
        {
            UnitSlice sample = group.Units[0].Slices[s];
            return sample.Role is SliceRole.Output or SliceRole.Input && weights.Values(sample.Tensor) is { } values
                ? Distances([.. group.Units.Select(u => Vector(values, weights.Dims(sample.Tensor), u.Slices[s]))])
                : null;
        });
        return Array.ConvertAll(scores, s => double.IsNaN(s) ? 0 : s);
    }

    private static double[] Distances(float[][] vectors)
    {
        double[] sums = new double[vectors.Length];
        for (int a = 0; a < vectors.Length; a++)
        {
            for (int b = a + 1; b < vectors.Length; b++)
            {
                double distance = TensorPrimitives.Distance<float>(vectors[a], vectors[b]);
                sums[a] += distance;
                sums[b] += distance;
            }
        }

        return sums;
    }

    private static float[] Vector(float[] values, int[] dims, UnitSlice slice)
    {
        int inner = WeightTensors.Inner(dims, slice.Axis);
        int stride = inner * dims[slice.Axis];
        var vector = new List<float>(values.Length / dims[slice.Axis] * slice.Indices.Count);
        foreach (int i in slice.Indices)
        {
            for (int start = i * inner; start < values.Length; start += stride)
            {
                vector.AddRange(values.AsSpan(start, inner));
            }
        }

        return [.. vector];
    }
}
