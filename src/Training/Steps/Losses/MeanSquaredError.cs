using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps.Losses;

/// <summary>The mean of (value − target)² over all elements, as PyTorch's MSELoss.</summary>
public sealed record MeanSquaredError : ILoss
{
    /// <summary>Name of the input with the targets, of the value's shape.</summary>
    public string Targets { get; init; } = "targets";

    /// <summary>The value that is compared; the model's output where null. A hidden layer's, with a teacher's as target, distils features.</summary>
    public string? Value { get; init; }

    public double Weight { get; init; } = 1;

    string ILoss.Write(LossContext context)
    {
        GraphWriter w = context.Writer;
        string value = Value ?? context.Output;
        long[] dims = context.Dims(value);
        string target = context.Input(Targets, w.Real, dims);
        return w.Mul(w.SumAll(w.Square(w.Sub(value, target))), 1.0 / dims.Aggregate(1.0, (a, d) => a * d));
    }
}
