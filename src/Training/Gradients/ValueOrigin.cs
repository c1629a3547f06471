using EdgePrune.Training.Steps;

namespace EdgePrune.Training.Gradients;

/// <summary>What a value of a step's graph was written for.</summary>
/// <param name="Part">The part of the step.</param>
/// <param name="Subject">The model's node, as messages name it, or the parameter.</param>
internal sealed record ValueOrigin(StepPart Part, string Subject);
