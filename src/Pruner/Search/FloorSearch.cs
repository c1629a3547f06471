using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler;
using EdgePrune.Pruner.Budget;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Pruner.Search;

/// <summary>
/// The cheapest model that keeps an accuracy: bisection over the share of a cost that may remain. Each candidate is really cut, fitted and
/// run over held-out samples; the one that is handed out is the very model that was judged.
/// </summary>
internal static class FloorSearch
{
    // Halves the interval to about one percent of the cost.
    private const int Halvings = 6;

    /// <exception cref="InputException">There is nothing to judge by, or no model keeps the floor and the limits.</exception>
    public static PruneResult Run(PreparedPruning prepared, AccuracyFloor floor, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        PruneOptions options = prepared.Options;
        Dataset judges = Judges(options);
        double before = Accuracy(prepared.Model, options, judges, cancel);
        double least = floor.Of(before);
        if (least > before)
        {
            throw new InputException($"an accuracy of at least {Percent(least)} was asked for; the original has {Percent(before)} on the {judges.Count} held-out samples, which is the most that can be asked for");
        }

        CostMetric metric = options.Budget.Metric ?? CostMetric.Energy;
        var trials = new List<FloorTrial>();
        PruneCandidate? best = null;
        FloorTrial? kept = null;
        (double low, double high) = (0, Limit(options.Budget, prepared, metric));
        BudgetPlan widest = prepared.Planner.Choose(Request(options.Budget, metric, high), cancel: cancel);
        Pruning.ThrowIfImpossible(options.Budget, widest, round: 1);
        Try(high, widest);
        if (best is null)
        {
            throw Infeasible(prepared, metric, high, least, trials[0], judges, cancel);
        }

        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            progress?.Report(new ProfileProgress($"trying {Percent(middle)} of the {metric.ToString().ToLowerInvariant()}", 0.99));
            BudgetPlan plan = prepared.Planner.Choose(Request(options.Budget, metric, middle), cancel: cancel);
            bool holds = plan.Choice.Met && Try(middle, plan);
            (low, high) = holds ? (low, middle) : (middle, high);
        }

        PruneResult result = best.Measure(prepared, cancel);
        return kept is null ? result : result with { Floor = new FloorResult(least, before, kept.Accuracy, judges.Count, trials) };

        bool Try(double share, BudgetPlan plan)
        {
            PruneCandidate candidate = prepared.Make(plan, cancel);
            if (!candidate.Equivalence.Ok)
            {
                best ??= candidate; // the caller refuses it and says why
                return false;
            }

            var trial = new FloorTrial(share, plan.Share(metric), Accuracy(candidate.Model, options, judges, cancel));
            trials.Add(trial);
            bool holds = trial.Accuracy >= least;
            if (holds && (kept is null || trial.Predicted <= kept.Predicted))
            {
                (best, kept) = (candidate, trial);
            }

            return holds;
        }
    }

    /// <summary>Share of samples that a model classifies right.</summary>
    internal static double Accuracy(OnnxModel model, PruneOptions options, Dataset judges, CancellationToken cancel)
    {
        using ModelSession session = ModelSession.Create(model, Pruning.Scoring(options.Session));
        return Evaluator.Run(session.Session, judges, cancellation: cancel).Accuracy;
    }

    /// <summary>The samples that judge. Asked for before anything is measured, so that what is wrong with them is told at once.</summary>
    /// <exception cref="InputException">There is nothing to judge by, or nothing to look for.</exception>
    internal static Dataset Judges(PruneOptions options) => options.HeldOut switch
    {
        _ when options.Budget.Targets.Count == 0 =>
            throw new InputException("an accuracy floor looks for the cheapest model, and a share of units to remove says how many go; give limits on costs, or the floor alone"),
        null => throw new InputException("an accuracy floor needs labelled training samples that nothing is fitted to; name training data (--calibration) with more samples than --samples takes"),
        { Labels: null } unlabelled => throw new InputException($"{unlabelled.Source}: has no labels, so no accuracy can be held; name labelled training data"),
        { } judges when judges.Labels.Distinct().Take(2).Count() < 2 => throw new InputException($"{judges.Source}: all {judges.Count} held-out samples are of one class, of which any accuracy can be had; take samples of all classes"),
        { } judges => judges,
    };

    // The limit on the cost that is driven down is the upper end; the others hold throughout.
    private static double Limit(BudgetRequest budget, PreparedPruning prepared, CostMetric metric) =>
        budget.Targets.FirstOrDefault(t => t.Metric == metric) is { } target ? target.ShareOf(prepared.Planner.BeforeOf(metric)) : 1;

    private static BudgetRequest Request(BudgetRequest budget, CostMetric metric, double share) =>
        BudgetRequest.AtMost([new BudgetTarget(metric, share, IsShare: true), .. budget.Targets.Where(t => t.Metric != metric)]);

    // The least share above the limit that keeps the floor, so that the user can ask for it.
    private static InputException Infeasible(
        PreparedPruning prepared, CostMetric metric, double limit, double least, FloorTrial trial, Dataset judges, CancellationToken cancel)
    {
        (double low, double high) = (limit, 1);
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            BudgetPlan plan = prepared.Planner.Choose(BudgetRequest.AtMost(metric, middle), cancel: cancel);
            bool holds = plan.Choice.Met && Accuracy(prepared.Make(plan, cancel).Model, prepared.Options, judges, cancel) >= least;
            (low, high) = holds ? (low, middle) : (middle, high);
        }

        string what = metric.ToString().ToLowerInvariant();
        return new InputException(
            $"no model keeps both: within {Percent(limit)} of the {what} the accuracy on the {judges.Count} held-out samples is {Percent(trial.Accuracy)}, and at least {Percent(least)} was asked for. "
            + $"The nearest that can be had: {Percent(least)} with {what} of {Percent(high)}, or {Percent(trial.Accuracy)} within the limits; --reconstruct and another criterion may keep more");
    }

    private static string Percent(double share) => (share * 100).ToString("F2", CultureInfo.InvariantCulture) + " %";
}
