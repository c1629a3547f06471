using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Evaluation;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Cli.Loop;

/// <summary>Prunes, refuses what is not better, and writes plan and model. Shared by <c>prune</c> and <c>loop</c>.</summary>
internal static class PruneStep
{
    /// <summary>
    /// Writes the plan and the pruned model where that is equal to the masked original and, if <paramref name="refuseWorse"/>,
    /// not measurably worse than the original.
    /// </summary>
    public static PruneDocument Run(
        OnnxModel model, string output, string planPath, PruneOptions options, Dataset? data, string? target, string? priors, bool refuseWorse, Reporter reporter, CancellationToken cancel)
    {
        // First, so that data which do not fit the model are told before minutes of measuring.
        var evaluation = new ModelEvaluation(options.Session, data, target);
        // A model that is to be transferred does not know the target's classes yet.
        ClassificationFigures? before = options.Transfer is null ? evaluation.Classify(model, cancel) : null;
        long start = TimeProvider.System.GetTimestamp();
        PruneResult result = reporter.Step(
            "pruning", progress => Pruning.Run(model, options, progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)), cancel));
        if (!result.Equivalence.Ok)
        {
            throw CommandFailure.VerificationFailed(
                $"the pruned model differs from the masked original by {result.Equivalence.MaxRelError:G2} of the output's range; it was not written. This is a defect of edgeprune: please report the model");
        }

        if (refuseWorse && result.IsWorse)
        {
            throw CommandFailure.TargetNotMet(
                $"the pruned model is measurably worse ({result.Comparison.LatencyRatio.Median:P1} of the latency, {result.Comparison.EnergyRatio.Median:P1} of the energy); it was not written. Try a lower budget");
        }

        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        ClassificationFigures? after = evaluation.Classify(result.Model, cancel);
        result.Plan.Save(planPath);
        result.Model.Save(output);
        if (priors is not null)
        {
            result.Sensitivity?.Save(priors);
        }

        CostMetric metric = options.Budget.Metric ?? CostMetric.Energy;
        return new PruneDocument(
            ModelFigures.Of(result.Comparison.First, new FileInfo(model.Path!).Length, before?.Accuracy),
            ModelFigures.Of(result.Comparison.Second, new FileInfo(output).Length, after?.Accuracy),
            new PredictedFigures(result.PredictedLatency * 1e3, result.PredictedEnergy * 1e3),
            planPath,
            output,
            new PruneTarget(
                options.Budget.Metric?.ToString().ToLowerInvariant() ?? "units",
                options.Budget.Targets.Count > 0 ? result.Allowed(options.Budget.Targets[0]) : options.Budget.Ratio,
                result.Budget.Share(metric),
                result.MeasuredShare(metric),
                result.Meets(options.Budget)),
            [.. options.Budget.Targets.Select(t => new PruneTarget(
                t.Metric.ToString().ToLowerInvariant(), result.Allowed(t), result.Budget.Share(t.Metric), result.MeasuredShare(t.Metric), result.IsMet(t)))],
            PlanBound.Of(result),
            result.Budget.Choice.Removed.Count,
            RemovedKind.Of(result.Plan),
            RemovedConstants.Of(result.Plan),
            result.Comparison.First.Energy.Provenance.Word,
            Figure.Of(result.Comparison.LatencyRatio, 1)!,
            Figure.Of(result.Comparison.EnergyRatio, 1)!,
            VerifyDocument.Of(result.Equivalence, result.Plan))
        {
            Reconstructed = ReconstructedLayers.Of(result.Reconstruction),
            Sparse = SparseWeights.Of(result.Sparsity),
            Stages = result.Stages.Count == 0 ? null : result.Stages,
            DroppedTrainings = result.DroppedTrainings == 0 ? null : result.DroppedTrainings,
            Floor = FloorFigures.Of(result.Floor),
            Transfer = TransferredPlan.Of(result.Transfer),
            CostsFrom = result.CostsFrom,
            Evaluation = evaluation.Compare(
                (model, evaluation.Side(model, model.Path!, before, result.Budget.PaperBefore.MemoryBytes, cancel)),
                (result.Model, evaluation.Side(result.Model, output, after, result.Budget.PaperAfter.MemoryBytes, cancel)),
                options.Transfer is null,
                seconds,
                cancel),
        };
    }

    /// <summary>Share of the samples that a model classifies right; null without labelled samples.</summary>
    public static double? Accuracy(OnnxModel model, SessionSettings settings, Dataset? data, CancellationToken cancel)
    {
        if (data?.Labels is null)
        {
            return null;
        }

        using var session = ModelSession.Create(model, settings);
        return Evaluator.Run(session.Session, data, cancellation: cancel).Accuracy;
    }
}
