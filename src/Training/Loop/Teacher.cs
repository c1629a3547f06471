using EdgePrune.Onnx;

namespace EdgePrune.Training.Loop;

/// <summary>A model whose answers another is to learn (Hinton et al., 2015).</summary>
/// <param name="Model">Takes the same inputs as the student and gives as many classes, or, where samples have no labels, outputs of the same shapes.</param>
public sealed record Teacher(OnnxModel Model)
{
    /// <summary>What logits are divided by before they are compared.</summary>
    public double Temperature { get; init; } = 4;

    /// <summary>Share of the loss that comes from the teacher, 0 to 1; the labels have the rest. With 1 the samples need no labels.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>
    /// Weight of what is learnt besides: the values at which the teacher's branches join (the sums of residual networks), where the
    /// student has the same ones in the same shape, by their squared error in units of their variance, the mean over the values. 0 for
    /// nothing (FitNets; Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015, with all layers at once and no regressors, which
    /// a pruned model does not need where it has the original's widths).
    /// </summary>
    public double Features { get; init; }
}
