using System.Globalization;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Measures a sample of stored points anew before they are used. A driver, a kernel or a cooling fan may have changed since they
/// were measured, and none of that is in their key. A single hurried reading proves nothing either way and is left out.
/// </summary>
internal static class StaleCheck
{
    private const int Sample = 6;

    // Between two sittings of one machine a point moves by a few percent; beyond this it is no longer what was measured.
    private const double Tolerance = 0.15;

    /// <summary>Drops what is stale: the points of one block where only its own have moved, all of them where most have.</summary>
    /// <returns>What was dropped and why, in words; null where nothing was.</returns>
    public static string? Run(IReadOnlyList<CostLayer> layers, IBlockTimer timer, CostStore store, long context, CancellationToken cancel)
    {
        var blocks = layers.GroupBy(l => l.Block.Key).ToDictionary(g => g.Key, g => g.First().Block, StringComparer.Ordinal);
        (string Signature, int[] Widths)[] stored =
            [.. store.Points(context).Where(p => blocks.TryGetValue(p.Signature, out CostBlock? b) && Fits(p.Widths, b.FullWidths))];
        int count = Math.Min(Sample, stored.Length);
        var ratios = new List<(string Signature, double Ratio)>();
        for (int i = 0; i < count; i++)
        {
            (string signature, int[] widths) = stored[(int)((i + 0.5) * stored.Length / count)];
            if (store.TryFind(context, signature, widths, out BlockMeasurement? old) && old!.Time.Median > 0 && !old.IsHurried)
            {
                ratios.Add((signature, timer.Measure(blocks[signature], widths, hurried: false, cancel).Time.Median / old.Time.Median));
            }
        }

        (string Signature, double Ratio)[] stale = [.. ratios.Where(r => r.Ratio > 1 + Tolerance || r.Ratio < 1 / (1 + Tolerance))];
        if (stale.Length == 0)
        {
            return null;
        }

        bool all = stale.Length * 2 > ratios.Count;
        foreach (string signature in stale.Select(s => s.Signature).Distinct())
        {
            store.Drop(context, signature);
        }

        if (all)
        {
            store.Drop(context, null);
        }

        double typical = Order.Median([.. stale.Select(s => s.Ratio)]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{stale.Length} of {ratios.Count} stored points measured again took {typical:F2} times what the table says; {(all ? "the whole table" : "their blocks")} is measured anew");
    }

    private static bool Fits(int[] widths, IReadOnlyList<int> full) =>
        widths.Length == full.Count && widths.Zip(full).All(p => p.First >= 1 && p.First <= p.Second);
}
