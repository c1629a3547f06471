using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Bench.CostAccuracy;

/// <summary>A random choice of units: each network has a ratio of its own, each group a share around it.</summary>
/// <param name="Removed">Ids of the units that go.</param>
/// <param name="Kept">Units that stay, by group.</param>
/// <param name="IsAligned">True where groups of 16 or more keep a multiple of 8.</param>
/// <param name="Share">Units that stay over all units.</param>
internal sealed record RandomNetwork(int[] Removed, int[] Kept, bool IsAligned, double Share)
{
    private const int Wide = 16;
    private const int Alignment = 8;

    public static RandomNetwork Draw(CouplingResult coupling, int seed)
    {
        var random = new Random(seed);
        bool aligned = seed % 2 == 0;
        double ratio = 0.1 + (0.6 * random.NextDouble());
        var removed = new List<int>();
        int[] kept = new int[coupling.Groups.Count];
        for (int g = 0; g < kept.Length; g++)
        {
            int[] ids = [.. coupling.Groups[g].Units.Select(u => u.Id)];
            double wanted = ids.Length * (1 - (ratio * 2 * random.NextDouble()));
            int keep = aligned && ids.Length >= Wide ? (int)Math.Round(wanted / Alignment) * Alignment : (int)Math.Round(wanted);
            kept[g] = Math.Clamp(keep, aligned ? Math.Min(Alignment, ids.Length) : 1, ids.Length);
            random.Shuffle(ids);
            removed.AddRange(ids.Skip(kept[g]));
        }

        return new RandomNetwork([.. removed], kept, aligned, (double)kept.Sum() / coupling.Units.Count);
    }
}
