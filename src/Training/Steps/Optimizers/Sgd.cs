using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps.Optimizers;

/// <summary>
/// Stochastic gradient descent as PyTorch defines it: g ← g + λp, v ← μv + g, g ← v (or g + μv with Nesterov), p ← p − ηg.
/// </summary>
public sealed record Sgd : Optimizer
{
    /// <summary>μ, 0 to below 1.</summary>
    public double Momentum { get; init; } = 0.9;

    public bool Nesterov { get; init; }

    internal override IReadOnlyList<string> State => Momentum == 0 ? [] : ["velocity"];

    internal override IReadOnlyList<string> Scalars => [];

    internal override double[] ScalarsAt(long step) => [];

    internal override (string Parameter, string[] State) Write(
        GraphWriter w, string parameter, string gradient, string rate, string[] state, string[] scalars, double decay)
    {
        string g = decay == 0 ? gradient : w.Add(gradient, w.Mul(parameter, decay));
        if (Momentum == 0)
        {
            return (w.Sub(parameter, w.Mul(g, rate)), []);
        }

        string velocity = w.Add(w.Mul(state[0], Momentum), g);
        string step = Nesterov ? w.Add(g, w.Mul(velocity, Momentum)) : velocity;
        return (w.Sub(parameter, w.Mul(step, rate)), [velocity]);
    }
}
