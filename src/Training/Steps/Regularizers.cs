using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps;

/// <summary>
/// Terms of the loss that keep parameters small. Weight decay is the optimiser's; these are differentiated with the rest.
/// </summary>
public sealed record Regularizers
{
    /// <summary>Factor of Σ|w| over all parameters of rank two or more; its gradient at zero is zero.</summary>
    public double L1 { get; init; }

    /// <summary>Factor of ½·Σw² over all parameters of rank two or more.</summary>
    public double L2 { get; init; }

    /// <summary>Factor of the group lasso (Yuan and Lin, 2006): Σ √n·‖w‖₂ over <see cref="Groups"/> of n elements.</summary>
    public double GroupLasso { get; init; }

    /// <summary>What the group lasso takes as groups.</summary>
    public IReadOnlyList<SliceGroup> Groups { get; init; } = [];

    // Keeps the gradient of a norm finite where a group is zero.
    private const double Tiny = 1e-12;

    internal IEnumerable<string> Write(GraphWriter w, IReadOnlyDictionary<string, long[]> parameters)
    {
        string[] matrices = [.. parameters.Where(p => p.Value.Length >= 2).Select(p => p.Key)];
        if (L1 != 0 && matrices.Length > 0)
        {
            yield return w.Mul(w.Sum([.. matrices.Select(p => w.SumAll(w.Node("Abs", [p])))]), L1);
        }

        if (L2 != 0 && matrices.Length > 0)
        {
            yield return w.Mul(w.Sum([.. matrices.Select(p => w.SumAll(w.Square(p)))]), L2 / 2);
        }

        if (GroupLasso != 0 && Groups.Count > 0)
        {
            string[] named = [.. Groups.SelectMany(g => g.Slices.Select(s => s.Tensor)).Distinct(StringComparer.Ordinal).Where(parameters.ContainsKey)];
            string squares = UnitSums.Write(w, named.ToDictionary(t => t, w.Square, StringComparer.Ordinal), parameters, Groups);
            string norms = w.Sqrt(w.Add(squares, w.Scalar(Tiny)));
            double[] sizes = [.. Groups.Select(g => Math.Sqrt(g.Slices.Sum(s => s.Indices.Count * Slice(parameters[s.Tensor], s.Axis))))];
            yield return w.Mul(w.SumAll(w.Mul(norms, w.Reals(sizes, [sizes.Length]))), GroupLasso);
        }
    }

    private static double Slice(long[] dims, int axis) => dims.Aggregate(1.0, (a, d) => a * d) / Math.Max(1, dims[axis]);
}
