namespace EdgePrune.Pruner.Budget;

/// <summary>Costs by widths, each predicted once.</summary>
internal sealed class WidthCosts(Func<IReadOnlyList<int>, LayerCost> predict)
{
    private readonly Dictionary<WidthKey, LayerCost> known = [];

    /// <param name="widths">May be changed by the caller afterwards.</param>
    public LayerCost At(int[] widths)
    {
        if (!known.TryGetValue(new WidthKey(widths), out LayerCost cost))
        {
            int[] own = [.. widths];
            known[new WidthKey(own)] = cost = predict(own);
        }

        return cost;
    }

    // Compared by content.
    private readonly struct WidthKey(int[] widths) : IEquatable<WidthKey>
    {
        private readonly int[] widths = widths;

        public bool Equals(WidthKey other) => widths.AsSpan().SequenceEqual(other.widths);

        public override bool Equals(object? obj) => obj is WidthKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (int width in widths)
            {
                hash.Add(width);
            }

            return hash.ToHashCode();
        }
    }
}
