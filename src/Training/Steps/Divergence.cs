using System.Globalization;
using EdgePrune.Onnx;

namespace EdgePrune.Training.Steps;

/// <summary>The first value of a step, in the order of computation, that is not finite.</summary>
/// <param name="Part">The part of the step that shows it.</param>
/// <param name="Layer">
/// The model's node that the value belongs to: the one that computes it, whose gradient it is part of, or that reads the
/// parameter. Empty for a batch and for the loss.
/// </param>
/// <param name="Value">The value: the model's own name of an input, a parameter or a node's output; a name of the step's graph otherwise.</param>
/// <param name="NotANumber">Elements that are NaN.</param>
/// <param name="Infinite">Elements that are infinite.</param>
/// <param name="Elements">Elements of the value.</param>
/// <param name="First">Position of the first of them, all axes laid end to end.</param>
public sealed record Divergence(StepPart Part, string Layer, string Value, long NotANumber, long Infinite, long Elements, long First)
{
    /// <summary>One sentence for a person.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Where} {NotANumber} NaN and {Infinite} infinite among {Elements} elements, the first at position {First}");

    private string Where => Part switch
    {
        StepPart.Batch => $"the batch's '{Printable.Name(Value)}' holds",
        StepPart.Parameter when Layer.Length > 0 => $"'{Printable.Name(Value)}', which {Layer} reads, holds before the step",
        StepPart.Parameter => $"'{Printable.Name(Value)}' holds before the step",
        StepPart.Forward => $"the forward pass is no longer finite from {Layer} on: its '{Printable.Name(Value)}' holds",
        StepPart.Loss => "the model's outputs are finite, but the loss holds",
        StepPart.Gradient => $"the loss is finite, but its gradient no longer is from {Layer} on (backwards), where '{Printable.Name(Value)}' holds",
        _ => $"the gradients are finite, but the update of {Layer} holds",
    };
}
