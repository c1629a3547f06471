using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps.Optimizers;

/// <summary>How parameters follow from their gradients.</summary>
public abstract record Optimizer
{
    /// <summary>Factor of the parameter that is added to its gradient (or, decoupled, taken from it).</summary>
    public double WeightDecay { get; init; }

    /// <summary>False where vectors (biases, scales) shall not decay. PyTorch decays all that it is given.</summary>
    public bool DecayVectors { get; init; } = true;

    /// <summary>Names of the state tensors that each parameter has; all start at zero and have the parameter's shape.</summary>
    internal abstract IReadOnlyList<string> State { get; }

    /// <summary>Names of the scalars that the step reads besides the learning rate.</summary>
    internal abstract IReadOnlyList<string> Scalars { get; }

    /// <summary>The scalars of step <paramref name="step"/> (from 1), in the order of <see cref="Scalars"/>.</summary>
    internal abstract double[] ScalarsAt(long step);

    /// <summary>Writes one parameter's update.</summary>
    /// <param name="w">Writes into the graph.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="rate">The learning rate, a scalar.</param>
    /// <param name="state">Its state, in the order of <see cref="State"/>.</param>
    /// <param name="scalars">The scalars, in the order of <see cref="Scalars"/>.</param>
    /// <param name="decay">The weight decay of this parameter.</param>
    /// <returns>The new parameter and the new state.</returns>
    internal abstract (string Parameter, string[] State) Write(
        GraphWriter w, string parameter, string gradient, string rate, string[] state, string[] scalars, double decay);
}
