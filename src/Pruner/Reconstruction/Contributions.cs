using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>
/// What the units of a group contribute to the layers that read them: z_u = Σ over the unit's columns of x·w, and of these the inner products
/// G_uv = Σ z_u·z_v over samples, places and outputs, each layer relative to the variance of what it makes.
/// </summary>
internal static class Contributions
{
    /// <summary>G, in the order of the group's units.</summary>
    public static double[,] Gram(UnitGroup group, IReadOnlyList<ReadingLayer> layers)
    {
        int[] units = [.. group.Units.Select(u => u.Id)];
        double[,] gram = new double[units.Length, units.Length];
        foreach (ReadingLayer layer in layers)
        {
            double[,] own = new double[units.Length, units.Length];
            double spread = 0;
            for (int g = 0; g < layer.Layer.Groups; g++)
            {
                IReadOnlyDictionary<int, int[]> columns = layer.Columns(g);
                spread += Spread(layer.Equations[g], layer.Start[g]);
                Parallel.For(0, units.Length, u =>
                {
                    for (int v = 0; v < units.Length; v++)
                    {
                        own[u, v] += columns.TryGetValue(units[u], out int[]? a) && columns.TryGetValue(units[v], out int[]? b)
                            ? Product(layer.Equations[g], layer.Start[g], a, b)
                            : 0;
                    }
                });
            }

            for (int u = 0; u < units.Length; u++)
            {
                for (int v = 0; v < units.Length; v++)
                {
                    gram[u, v] += own[u, v] / Math.Max(1e-30, spread);
                }
            }
        }

        return gram;
    }

    private static double Product(NormalEquations equations, double[,] weights, int[] a, int[] b)
    {
        double sum = 0;
        foreach (int i in a)
        {
            foreach (int j in b)
            {
                double weight = 0;
                for (int o = 0; o < weights.GetLength(0); o++)
                {
                    weight += weights[o, i] * weights[o, j];
                }

                sum += equations.Inner(i, j) * weight;
            }
        }

        return sum;
    }

    /// <summary>Variance of what weights make, summed over rows and outputs.</summary>
    public static double Spread(NormalEquations equations, double[,] weights)
    {
        double spread = 0;
        int size = weights.GetLength(1);
        for (int o = 0; o < weights.GetLength(0); o++)
        {
            double square = 0;
            double sum = 0;
            for (int i = 0; i < size; i++)
            {
                sum += equations.Inner(size - 1, i) * weights[o, i];
                double product = 0;
                for (int j = 0; j < size; j++)
                {
                    product += equations.Inner(i, j) * weights[o, j];
                }

                square += weights[o, i] * product;
            }

            spread += Math.Max(0, square - (sum * sum / Math.Max(1, equations.Count)));
        }

        return spread;
    }
}
