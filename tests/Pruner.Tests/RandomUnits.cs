using EdgePrune.Pruner.Coupling;

namespace Pruner.Tests;

/// <summary>Random subsets of units that leave at least one in each group.</summary>
internal static class RandomUnits
{
    public static int[] Choose(CouplingResult coupling, int seed)
    {
        var random = new Random(seed);
        var removed = new List<int>();
        foreach (UnitGroup group in coupling.Groups)
        {
            int[] ids = [.. group.Units.Select(u => u.Id)];
            random.Shuffle(ids);
            removed.AddRange(ids.Take(random.Next(0, ids.Length)));
        }

        return [.. removed];
    }

    /// <summary>All units but the first of each group.</summary>
    public static int[] AllButOne(CouplingResult coupling) => [.. coupling.Groups.SelectMany(g => g.Units.Skip(1)).Select(u => u.Id)];
}
