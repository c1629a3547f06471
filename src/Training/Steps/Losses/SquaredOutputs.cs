using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps.Losses;

/// <summary>
/// Half the squared output, summed over a sample and averaged over the batch. It needs no targets: its gradient says how much the outputs
/// depend on a weight where there are no labels to say how much the error does.
/// </summary>
public sealed record SquaredOutputs : ILoss
{
    public double Weight { get; init; } = 1;

    string ILoss.Write(LossContext context)
    {
        GraphWriter w = context.Writer;
        return w.Mul(w.SumAll(w.Square(context.Output)), 0.5 / context.Dims(context.Output)[0]);
    }
}
