using EdgePrune.Onnx;

namespace EdgePrune.Training.Data;

/// <summary>Holds a share of every class back, by seed.</summary>
public static class StratifiedSplit
{
    // A stage of its own, so that the split and the order of training do not go together.
    private const int Stage = 1;

    /// <summary>Two datasets that share no sample: what stays, and the share held back, each in the order of the data.</summary>
    /// <param name="data">Labelled samples.</param>
    /// <param name="share">Share of each class to hold back, above 0 and below 1, rounded; a class of two samples or more keeps one on either side.</param>
    /// <param name="seed">Chooses the samples.</param>
    /// <exception cref="InputException">There are no labels, or too few samples for both sides.</exception>
    public static (Dataset Stays, Dataset Held) Of(Dataset data, double share, int seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        if (data.Labels is not { } labels)
        {
            throw new InputException($"{data.Source}: has no labels, so no share of every class can be held back; name labelled data to validate on");
        }

        var held = new bool[labels.Count];
        foreach (IGrouping<long, int> group in Enumerable.Range(0, labels.Count).GroupBy(at => labels[at]))
        {
            int[] members = [.. group];
            int count = (int)Math.Round(members.Length * share, MidpointRounding.AwayFromZero);
            count = Math.Clamp(count, members.Length > 1 ? 1 : 0, Math.Max(members.Length - 1, 0));
            new SampleRandom(seed, group.Key, 0, Stage).Shuffle(members);
            foreach (int at in members[..count])
            {
                held[at] = true;
            }
        }

        int[] all = [.. Enumerable.Range(0, labels.Count)];
        Dataset rest = data.Subset(all.Where(at => !held[at])), back = data.Subset(all.Where(at => held[at]));
        return back.Count > 0 && rest.Count > 0
            ? (rest, back)
            : throw new InputException($"{data.Source}: {data.Count} samples are too few to hold some back; name other data to validate on, or none");
    }
}
