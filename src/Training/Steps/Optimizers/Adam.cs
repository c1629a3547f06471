using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps.Optimizers;

/// <summary>
/// Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019) as PyTorch defines them: m ← β₁m + (1 − β₁)g,
/// v ← β₂v + (1 − β₂)g², p ← p − η/(1 − β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε).
/// </summary>
public sealed record Adam : Optimizer
{
    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.999;

    public double Epsilon { get; init; } = 1e-8;

    /// <summary>True for AdamW: the decay shrinks the parameter by ηλ and does not enter the moments.</summary>
    public bool Decoupled { get; init; }

    internal override IReadOnlyList<string> State { get; } = ["mean", "square"];

    internal override IReadOnlyList<string> Scalars { get; } = ["adam.rate", "adam.correction"];

    internal override double[] ScalarsAt(long step) => [1 / (1 - Math.Pow(Beta1, step)), 1 / Math.Sqrt(1 - Math.Pow(Beta2, step))];

    internal override (string Parameter, string[] State) Write(
        GraphWriter w, string parameter, string gradient, string rate, string[] state, string[] scalars, double decay)
    {
        string g = decay == 0 || Decoupled ? gradient : w.Add(gradient, w.Mul(parameter, decay));
        string start = decay != 0 && Decoupled ? w.Sub(parameter, w.Mul(parameter, w.Mul(rate, decay))) : parameter;
        string mean = w.Add(w.Mul(state[0], Beta1), w.Mul(g, 1 - Beta1));
        string square = w.Add(w.Mul(state[1], Beta2), w.Mul(w.Square(g), 1 - Beta2));
        string scale = w.Add(w.Mul(w.Sqrt(square), scalars[1]), w.Scalar(Epsilon));
        string step = w.Mul(w.Div(mean, scale), w.Mul(rate, scalars[0]));
        return (w.Sub(start, step), [mean, square]);
    }
}
