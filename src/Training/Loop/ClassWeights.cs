namespace EdgePrune.Training.Loop;

/// <summary>Weights of classes by how often they come.</summary>
internal static class ClassWeights
{
    /// <summary>N / (C·n) for a class of n samples, where C counts the classes that come; 0 for one that does not.</summary>
    public static double[] Balanced(IReadOnlyList<long> labels, int classes)
    {
        double[] counts = new double[classes];
        foreach (long label in labels)
        {
            counts[label]++;
        }

        int present = counts.Count(n => n > 0);
        return [.. counts.Select(n => n == 0 ? 0 : labels.Count / (present * n))];
    }
}
