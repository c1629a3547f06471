
namespace EdgePrune.Cli.Comparison;

/// <summary>A layer of one profile and its counterpart in the other; one of the two is null where there is none.</summary>
/// <param name="First">Layer of the first profile.</param>
/// <param name="Second">Layer of the second.</param>
/// <param name="By">How they were matched, a constant of this type; null where there is no counterpart.</param>
internal sealed record LayerMatch(ProfileLayer? First, ProfileLayer? Second, string? By)
{
    public const string ByName = "name";
    public const string ByPosition = "position";

    /// <summary>
    /// Matches by name, then what is left by operator: the n-th of an operator with the n-th of the same. In the order of the first
    /// profile; layers that only the second has follow in its order.
    /// </summary>
    public static IReadOnlyList<LayerMatch> Of(IReadOnlyList<ProfileLayer> first, IReadOnlyList<ProfileLayer> second)
    {
        var counterparts = new (ProfileLayer Layer, string By)?[first.Count];
        bool[] taken = new bool[second.Count];
        Take(first, second, counterparts, taken, l => l.Name, ByName);
        Take(first, second, counterparts, taken, l => l.Op, ByPosition);
        return
        [
            .. first.Select((layer, i) => new LayerMatch(layer, counterparts[i]?.Layer, counterparts[i]?.By)),
            .. second.Where((_, i) => !taken[i]).Select(layer => new LayerMatch(null, layer, null)),
        ];
    }

    // Names need not be unique in a file that anyone can write: equal ones are matched in their order.
    private static void Take(
        IReadOnlyList<ProfileLayer> first,
        IReadOnlyList<ProfileLayer> second,
        (ProfileLayer, string)?[] counterparts,
        bool[] taken,
        Func<ProfileLayer, string> key,
        string by)
    {
        var waiting = new Dictionary<string, Queue<int>>(StringComparer.Ordinal);
        for (int i = 0; i < second.Count; i++)
        {
            if (!taken[i])
            {
                (waiting.TryGetValue(key(second[i]), out Queue<int>? queue) ? queue : waiting[key(second[i])] = new()).Enqueue(i);
            }
        }

        for (int i = 0; i < first.Count; i++)
        {
            if (counterparts[i] is null && waiting.TryGetValue(key(first[i]), out Queue<int>? queue) && queue.TryDequeue(out int found))
            {
                counterparts[i] = (second[found], by);
                taken[found] = true;
            }
        }
    }
}
