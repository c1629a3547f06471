using EdgePrune.Onnx;

namespace EdgePrune.Training.Loop;

/// <summary>A model whose answers another is to learn (Hinton et al., 2015).</summary>
/// <param name="Model">Takes the same inputs as the student and gives as many classes.</param>
public sealed record Teacher(OnnxModel Model)
{
    /// <summary>What logits are divided by before they are compared.</summary>
    public double Temperature { get; init; } = 4;

    /// <summary>Share of the loss that comes from the teacher, 0 to 1; the labels have the rest.</summary>
    public double Share { get; init; } = 0.5;
}
