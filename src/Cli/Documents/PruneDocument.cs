using System.Globalization;
using System.Text.Json;
using EdgePrune.Cli.Output;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Knowledge;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Search;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>prune</c>.</summary>
/// <param name="Before">The original, measured interleaved with the pruned model.</param>
/// <param name="After">The pruned model.</param>
/// <param name="Predicted">What the cost table expected of it.</param>
/// <param name="Plan">The plan's file.</param>
/// <param name="Output">The pruned model's file.</param>
/// <param name="Target">What was asked for first, and how near it is; met where all of it is.</param>
/// <param name="Targets">All limits that were asked for.</param>
/// <param name="Bound">How far the choice can be from the best.</param>
/// <param name="Removed">Units removed.</param>
/// <param name="Kinds">The same by kind.</param>
/// <param name="Constants">What became of the constants that the removed units carried.</param>
/// <param name="Provenance">Of the energies: measured, counted or modelled.</param>
/// <param name="LatencyRatio">After over before, with its interval.</param>
/// <param name="EnergyRatio">After over before, with its interval.</param>
/// <param name="Verified">The pruned model against the masked original.</param>
internal sealed record PruneDocument(
    ModelFigures Before,
    ModelFigures After,
    PredictedFigures Predicted,
    string Plan,
    string Output,
    PruneTarget Target,
    IReadOnlyList<PruneTarget> Targets,
    PlanBound Bound,
    int Removed,
    IReadOnlyList<RemovedKind> Kinds,
    IReadOnlyList<RemovedConstants> Constants,
    string Provenance,
    Figure LatencyRatio,
    Figure EnergyRatio,
    VerifyDocument Verified)
{
    /// <summary>Layers fitted after the cut, and what is left of their error; null where nothing was.</summary>
    public ReconstructedLayers? Reconstructed { get; init; }

    /// <summary>Single weights that became zero; null where none did.</summary>
    public SparseWeights? Sparse { get; init; }

    /// <summary>The cuts or changes of masks of a schedule, in order; null where all went at once.</summary>
    public IReadOnlyList<ScheduleStage>? Stages { get; init; }

    /// <summary>Trainings that won nothing and were dropped; null where none were.</summary>
    public int? DroppedTrainings { get; init; }
    /// <summary>What became of the answers, of the compressed file and of the memory.</summary>
    public EvaluationDocument? Evaluation { get; init; }

    /// <summary>How an accuracy was held on held-out training samples; null where no floor was asked for.</summary>
    public FloorFigures? Floor { get; init; }

    /// <summary>How the widths of another model's plan were carried over; null where none were.</summary>
    public TransferredPlan? Transfer { get; init; }

    /// <summary>The board that measured the costs; null where this machine did.</summary>
    public string? CostsFrom { get; init; }

    /// <summary>What was asked for as a recipe's text; null where nobody asked (in a loop).</summary>
    public string? Recipe { get; init; }
}

/// <param name="Layers">How many layers were fitted.</param>
/// <param name="Skipped">How many could not be.</param>
/// <param name="ErrorBefore">Mean over the layers of the squared error relative to the variance of what each should make.</param>
/// <param name="ErrorAfter">The same after the fit.</param>
internal sealed record ReconstructedLayers(int Layers, int Skipped, double ErrorBefore, double ErrorAfter)
{
    public static ReconstructedLayers? Of(ReconstructionResult? result) => result is null ? null : new ReconstructedLayers(
        result.Layers.Count,
        result.Skipped.Count,
        result.Layers.Select(l => l.Before).DefaultIfEmpty().Average(),
        result.Layers.Select(l => l.After).DefaultIfEmpty().Average());
}

/// <param name="ByName">Groups of units matched by the name of a layer.</param>
/// <param name="ByOrder">Groups matched by their place among those of their kind.</param>
/// <param name="Unmatched">Groups of this model that the plan says nothing of; they stay whole.</param>
/// <param name="Unused">Groups of the plan that this model lacks.</param>
internal sealed record TransferredPlan(int ByName, int ByOrder, IReadOnlyList<string> Unmatched, IReadOnlyList<string> Unused)
{
    public static TransferredPlan? Of(PlanTransfer? transfer) =>
        transfer is null ? null : new TransferredPlan(transfer.ByName, transfer.ByOrder, transfer.Unmatched, transfer.Unused);
}

/// <param name="Least">Accuracy that was asked for, 0 to 1.</param>
/// <param name="Before">Accuracy of the original on the held-out samples.</param>
/// <param name="After">That of the pruned model.</param>
/// <param name="Samples">How many held-out samples.</param>
/// <param name="Trials">Models that were cut, fitted and judged.</param>
internal sealed record FloorFigures(double Least, double Before, double After, int Samples, int Trials)
{
    public static FloorFigures? Of(FloorResult? result) =>
        result is null ? null : new FloorFigures(result.Least, result.Before, result.After, result.Samples, result.Trials.Count);
}

/// <param name="Zeros">Weights that are zero now.</param>
/// <param name="Weights">Weights that could have become zero.</param>
internal sealed record SparseWeights(long Zeros, long Weights)
{
    public static SparseWeights? Of(SparsityResult? result) => result is null ? null : new SparseWeights(result.Zeros, result.Weights);
}

/// <param name="Kind">channel, head, and so on.</param>
/// <param name="Units">How many were removed.</param>
/// <param name="Inexact">How many of them change what is computed by more than masking does.</param>
internal sealed record RemovedKind(string Kind, int Units, int Inexact)
{
    public static IReadOnlyList<RemovedKind> Of(PruningPlan plan) =>
    [
        .. plan.Units.GroupBy(u => u.Kind).OrderBy(k => k.Key).Select(k => new RemovedKind(UnitWords.Of(k.Key), k.Count(), k.Count(u => u.Inexact is not null))),
        .. (plan.Blocks ?? []).GroupBy(b => b.Kind).OrderBy(k => k.Key).Select(k => new RemovedKind(UnitWords.Of(k.Key), k.Count(), 0)),
    ];
}

/// <param name="Fate">dropped, folded (into the biases of what reads them) or folded-padded (some of that pads its input); the plan says why.</param>
/// <param name="Units">How many units.</param>
internal sealed record RemovedConstants(string Fate, int Units)
{
    public static IReadOnlyList<RemovedConstants> Of(PruningPlan plan) =>
        [.. plan.Units.GroupBy(u => u.Constant).OrderByDescending(g => g.Key).Select(g => new RemovedConstants(JsonNamingPolicy.KebabCaseLower.ConvertName(g.Key.ToString()), g.Count()))];

    /// <summary>"12 folded into biases", "30 dropped".</summary>
    public override string ToString() => Fate switch
    {
        "folded" => $"{Units} folded into biases",
        "folded-padded" => $"{Units} folded into biases behind padding",
        _ => $"{Units} {Fate}",
    };
}

/// <param name="LostImportance">Sum of the scores of what was removed.</param>
/// <param name="LostAtLeast">No choice that the table predicts to keep the budget loses less.</param>
/// <param name="GapPct">How much more than the best choice this one can lose, in percent; null where nothing is proven.</param>
internal sealed record PlanBound(double LostImportance, double LostAtLeast, double? GapPct)
{
    public static PlanBound Of(PruneResult result)
    {
        BudgetChoice choice = result.Budget.Choice;
        return new PlanBound(choice.LostImportance, choice.LostAtLeast, double.IsFinite(choice.Gap) ? choice.Gap * 100 : null);
    }

    public override string ToString() => GapPct switch
    {
        null => "",
        < 0.5 => "the best choice there is for these scores and costs",
        { } gap => $"within {gap.ToString("F0", CultureInfo.InvariantCulture)} % of the least importance that can be lost (proven)",
    };
}

/// <param name="Metric">energy, latency, memory, size, macs, or units where a ratio was asked for.</param>
/// <param name="Share">Share that may remain; of units, the share that goes. 0 to 1.</param>
/// <param name="PredictedShare">Share of energy (or latency) that the table predicts.</param>
/// <param name="MeasuredShare">The same as measured.</param>
/// <param name="Met">Whether the measurement keeps the target.</param>
internal sealed record PruneTarget(string Metric, double Share, double PredictedShare, double MeasuredShare, bool Met);
