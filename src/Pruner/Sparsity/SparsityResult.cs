using EdgePrune.Onnx;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Sparsity;

/// <summary>A model with weights that are zero.</summary>
/// <param name="Model">A copy; its shapes are those of the original.</param>
/// <param name="Masks">Which weights are zero now, by tensor.</param>
/// <param name="Zeros">How many.</param>
/// <param name="Weights">Of how many weights that could have become zero.</param>
public sealed record SparsityResult(OnnxModel Model, IReadOnlyList<WeightMask> Masks, long Zeros, long Weights)
{
    /// <summary>Share of these weights that is zero.</summary>
    public double Share => Weights == 0 ? 0 : (double)Zeros / Weights;
}
