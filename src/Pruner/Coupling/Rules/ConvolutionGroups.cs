using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>What grouped convolutions have in common.</summary>
internal static class ConvolutionGroups
{
    /// <summary>Makes one unit of all channels of a group.</summary>
    public static void Tie(CouplingBuilder c, int[] channels, int groups)
    {
        int size = channels.Length / groups;
        for (int i = 0; i < channels.Length; i++)
        {
            c.Elements.Union(channels[i / size * size], channels[i]);
        }
    }

    /// <summary>The number of groups that have a channel left. Where all are cut alike, each of them has.</summary>
    public static long Left(SurgeryContext s, string x, int groups)
    {
        int size = s.Length(x, 1) / groups;
        return Enumerable.Range(0, groups).Count(g => s.CountBefore(x, 1, (g + 1) * size) > s.CountBefore(x, 1, g * size));
    }
}
