using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Pruner.Schedules;

/// <summary>From a budget whose costs are known to a pruned model, by the schedule that was asked for.</summary>
internal static class ScheduledPruning
{
    /// <summary>True where more than one cut is asked for.</summary>
    public static bool IsAskedFor(PruneOptions options) =>
        options.Schedule.Kind is PruningScheduleKind.Iterative or PruningScheduleKind.LayerByLayer or PruningScheduleKind.Gradual or PruningScheduleKind.Dynamic
        || options.Densification is not null || options.Recovery is { Steps: > 0 };

    /// <summary>The pruned model.</summary>
    /// <exception cref="InputException">The schedule lacks what it needs, or does not go with the other options.</exception>
    public static ScheduledModel Run(ScheduleContext context) => context.Options.Schedule.Kind switch
    {
        PruningScheduleKind.LayerByLayer => IterativePruning.LayerByLayer(context),
        PruningScheduleKind.Gradual => Train(context, weights => new GradualMasks(context, weights)),
        PruningScheduleKind.Dynamic => Train(context, weights => new DynamicMasks(context, weights)),
        PruningScheduleKind.Iterative => IterativePruning.Run(context),
        _ => IterativePruning.Once(context, Units(context)),
    };

    /// <summary>Trains what is left once single weights have become zero, and holds those at zero.</summary>
    public static OnnxModel RecoverSparse(ScheduleContext context, OnnxModel sparse, IReadOnlyList<WeightMask> masks)
    {
        if (context.Options.Recovery is not { Steps: > 0 } recovery)
        {
            return sparse;
        }

        Dictionary<string, bool[]> zeros = masks.ToDictionary(m => m.Tensor, m => m.Read(m.Dims.Aggregate(1L, (a, d) => a * d)), StringComparer.Ordinal);
        var editor = new SparseTraining(step => zeros.Where(z => step.Parameters.Contains(z.Key)).ToDictionary(z => z.Key, z => z.Value, StringComparer.Ordinal));
        return RecoveryTraining.Run(sparse, recovery, recovery.Steps, context.Detail() with { Editor = editor, Seed = unchecked(context.Options.Seed + 7) }, context.Cancellation);
    }

    // The units of a single cut: the solver's, or those that densification makes of them.
    private static HashSet<int> Units(ScheduleContext context)
    {
        HashSet<int> Chosen(BudgetRequest request) => context.Next(context.Initial, new HashSet<int>(), request);
        return context.Options.Densification switch
        {
            null => Chosen(context.Budget.At(1)),
            { Kind: DensificationKind.Genetic } genetic => GeneticRegrowth.Run(context, genetic, context.Initial, Chosen(context.Budget.At(1))),
            { } gradient => GradientRegrowth.Run(context, Chosen(context.Budget.Beyond(gradient.Beyond))),
        };
    }

    private static ScheduledModel Train(ScheduleContext context, Func<WeightShare?, MaskEditor> make)
    {
        RecoveryOptions training = context.Training;
        PruneOptions options = context.Options;
        MaskEditor editor = make(options.Sparsity is { } sparsity ? new WeightShare(context.Model, sparsity) : null);
        OnnxModel trained = RecoveryTraining.Run(context.Model, training, options.Schedule.Steps, context.Detail() with { Editor = editor }, context.Cancellation);
        CouplingResult coupling = CouplingAnalysis.Run(trained, context.Coupling.Context.Shapes, options.Coupling);
        (OnnxModel cut, PruningPlan plan) = ModelSurgeon.Cut(trained, coupling, [.. editor.Masked], new SurgeryOptions { Constants = options.Constants });
        EquivalenceReport report = MaskedEquivalence.Check(trained, cut, plan, seed: options.Seed, shapes: options.Shapes);
        return new ScheduledModel(cut, [.. editor.Masked], report, editor.Stages);
    }
}
