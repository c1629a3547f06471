namespace EdgePrune.Cli.Comparison;

/// <summary>
/// Many layers are compared at once, and one in twenty would differ by chance: p-values are adjusted so that of the differences
/// that are called real at most a stated share is expected to be none (Benjamini and Hochberg, Journal of the Royal Statistical
/// Society B 57, 1995).
/// </summary>
internal static class FalseDiscovery
{
    /// <summary>Share of false ones among the differences that are called real.</summary>
    public const double Rate = 0.05;

    /// <summary>Adjusted p-values, in the order given: the smallest rate at which each would be called real.</summary>
    public static double[] Adjust(IReadOnlyList<double> probabilities)
    {
        int n = probabilities.Count;
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => probabilities[i])];
        double[] adjusted = new double[n];
        double least = 1;
        for (int k = 0; k < n; k++)
        {
            least = Math.Min(least, probabilities[order[k]] * n / (n - k));
            adjusted[order[k]] = least;
        }

        return adjusted;
    }
}
