using EdgePrune.Onnx;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Pruner.Schedules;

/// <summary>What a schedule came to.</summary>
/// <param name="Model">The pruned model.</param>
/// <param name="Removed">Units of the original that are gone.</param>
/// <param name="Equivalence">The worst of its cuts, each against the masked model that it was made from.</param>
/// <param name="Stages">What happened, in order.</param>
internal sealed record ScheduledModel(OnnxModel Model, IReadOnlyCollection<int> Removed, EquivalenceReport Equivalence, IReadOnlyList<ScheduleStage> Stages)
{
    /// <summary>How the last fit to the original's activations went; null where nothing was fitted.</summary>
    public ReconstructionResult? Fitted { get; init; }

    /// <summary>Trainings that won nothing, so that the model stayed as it was before them.</summary>
    public int DroppedTrainings { get; init; }
}
