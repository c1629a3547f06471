using EdgePrune.Onnx;

namespace EdgePrune.Training.Loop;

/// <summary>A training left the numbers: a loss, a gradient or a parameter is not finite, or has exploded.</summary>
public sealed class DivergenceException : Exception
{
    /// <param name="message">What was seen, at which step and in which layer, and what to do.</param>
    /// <param name="step">The step, from 1.</param>
    /// <param name="best">The model of the best epoch, or null before there is any.</param>
    /// <param name="bestEpoch">That epoch, or null.</param>
    public DivergenceException(string message, long step, OnnxModel? best, EpochRecord? bestEpoch)
        : base(message)
    {
        Step = step;
        Best = best;
        BestEpoch = bestEpoch;
    }

    public long Step { get; }

    public OnnxModel? Best { get; }

    public EpochRecord? BestEpoch { get; }
}
