using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>The units of a group in the order in which they cost least, with the error after each.</summary>
/// <param name="Order">Ids; the first goes first. The last one stays.</param>
/// <param name="Errors">After each removal: squared error relative to the variance of what the layers make, summed over the layers that read the group.</param>
internal sealed record RemovalPath(IReadOnlyList<int> Order, IReadOnlyList<double> Errors)
{
    private const double Ridge = 1e-4;

    /// <summary>Takes the cheapest unit again and again.</summary>
    /// <param name="group">The group.</param>
    /// <param name="layers">The layers that read it.</param>
    /// <param name="at">Called after each removal with the number removed and the weights of the layers, which the next removal changes.</param>
    public static RemovalPath Of(UnitGroup group, IReadOnlyList<ReadingLayer> layers, Action<int, IReadOnlyList<IReadOnlyList<double[,]>>>? at = null)
    {
        UnitRegression[][] states = [.. layers.Select(layer => Enumerable.Range(0, layer.Layer.Groups)
            .Select(g => new UnitRegression(layer.Equations[g], (double[,])layer.Start[g].Clone(), layer.Columns(g), Ridge)).ToArray())];
        double[] spreads = [.. states.Select(s => Math.Max(1e-30, s.Sum(r => r.Spread)))];
        var left = group.Units.Select(u => u.Id).ToList();
        var order = new List<int>();
        var errors = new List<double>();
        double error = 0;
        while (left.Count > 1)
        {
            double[] costs = new double[left.Count];
            Parallel.For(0, left.Count, i => costs[i] = states.Select((s, l) => s.Sum(r => r.Cost(left[i])) / spreads[l]).Sum());
            int best = Array.IndexOf(costs, costs.Min());
            error += Math.Max(0, costs[best]);
            foreach (UnitRegression state in states.SelectMany(s => s))
            {
                state.Remove(left[best]);
            }

            order.Add(left[best]);
            errors.Add(error);
            left.RemoveAt(best);
            at?.Invoke(order.Count, [.. states.Select(s => s.Select(r => r.Weights).ToArray())]);
        }

        return new RemovalPath([.. order, .. left], errors);
    }

    /// <summary>What each unit adds to the error, in the order of removal and never falling; the last as much as the one before.</summary>
    public IEnumerable<(int Unit, double Score)> Marginal()
    {
        double most = 0;
        for (int i = 0; i < Order.Count; i++)
        {
            double own = i >= Errors.Count ? most : Errors[i] - (i == 0 ? 0 : Errors[i - 1]);
            most = Math.Max(most, own);
            yield return (Order[i], most);
        }
    }
}
