using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps.Losses;

/// <summary>
/// Binary cross-entropy of logits, the mean over all elements, as PyTorch's BCEWithLogitsLoss: softplus(x) − x·t. A model that
/// ends with Sigmoid is judged before it.
/// </summary>
public sealed record BinaryCrossEntropy : ILoss
{
    /// <summary>Name of the input with the targets, 0 to 1, of the output's shape.</summary>
    public string Targets { get; init; } = "targets";

    public double Weight { get; init; } = 1;

    string ILoss.Write(LossContext context)
    {
        GraphWriter w = context.Writer;
        string logits = context.Before("Sigmoid");
        long[] dims = context.Dims(logits);
        string target = context.Input(Targets, w.Real, dims);
        string each = w.Sub(w.Node("Softplus", [logits]), w.Mul(logits, target));
        return w.Mul(w.SumAll(each), 1.0 / dims.Aggregate(1.0, (a, d) => a * d));
    }
}
