namespace EdgePrune.Pruner.Search;

/// <summary>What nothing beats: no other costs as little or less and is better, or costs less and is as good.</summary>
public static class ParetoFront
{
    /// <summary>The members of the front, the cheapest first.</summary>
    /// <param name="all">What competes; of equal ones the first counts.</param>
    /// <param name="cost">Less is better.</param>
    /// <param name="gain">More is better.</param>
    public static IReadOnlyList<T> Of<T>(IEnumerable<T> all, Func<T, double> cost, Func<T, double> gain)
    {
        var front = new List<T>();
        foreach (T each in all.OrderBy(cost).ThenByDescending(gain))
        {
            if (front.Count == 0 || gain(each) > gain(front[^1]))
            {
                front.Add(each);
            }
        }

        return front;
    }
}
