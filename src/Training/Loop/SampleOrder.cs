using EdgePrune.Training.Data;

namespace EdgePrune.Training.Loop;

/// <summary>
/// The order in which samples are trained on: each epoch a permutation that depends on seed and epoch alone. Batches run on over
/// the end of an epoch: the one that the end cuts takes its rest from the next epoch's order. So every sample comes once an epoch,
/// and no batch is smaller than the others, which would spoil the statistics of its normalisations.
/// </summary>
internal sealed class SampleOrder(int samples, int batchSize, int seed)
{
    private const int Stage = 0;
    private long knownEpoch = -1;
    private int[] known = [];

    /// <summary>Steps done when all samples of an epoch (from 0) have come.</summary>
    public long EndOf(int epoch) => ((((long)epoch + 1) * samples) + batchSize - 1) / batchSize;

    /// <summary>Epoch and position of the samples of one step.</summary>
    public IEnumerable<(long Epoch, int Sample)> Batch(long step)
    {
        for (int i = 0; i < batchSize; i++)
        {
            (long epoch, long at) = Math.DivRem((step * batchSize) + i, samples);
            yield return (epoch, Of(epoch)[at]);
        }
    }

    private int[] Of(long epoch)
    {
        if (epoch != knownEpoch)
        {
            known = [.. Enumerable.Range(0, samples)];
            new SampleRandom(seed, epoch, -1, Stage).Shuffle(known);
            knownEpoch = epoch;
        }

        return known;
    }
}
