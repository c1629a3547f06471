using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps.Losses;

/// <summary>The sum of all elements of the output: what SynFlow (Tanaka et al., 2020) takes the gradient of. It needs no targets.</summary>
public sealed record SumOfOutputs : ILoss
{
    public double Weight { get; init; } = 1;

    string ILoss.Write(LossContext context)
    {
        GraphWriter w = context.Writer;
        return w.SumAll(context.Output);
    }
}
