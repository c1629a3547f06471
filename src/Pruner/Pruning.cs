using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Costs;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Search;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Pruner;

/// <summary>The whole way from a model to a pruned model, one step a line.</summary>
public static class Pruning
{
    private const int MaxRounds = 4;

    // A model this far below its budget has lost units that it could have kept.
    private const double Slack = 0.04;

    /// <summary>Prunes a model to a budget on this machine.</summary>
    /// <exception cref="InputException">Nothing can be pruned, or the model does not run.</exception>
    public static PruneResult Run(
        OnnxModel model, PruneOptions options, IProgress<ProfileProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        (OnnxModel given, PruneOptions asked) = (model, options);
        PreparedModel start = SchedulePreparation.Run(model, options, cancel);
        (model, options) = (start.Model, start.Options);
        var prepared = PreparedPruning.Of(start, progress, cancel);
        if (options.Floor is { } floor)
        {
            return prepared.HandOut(Settle(given, model, FloorSearch.Run(prepared, floor, progress, cancel), prepared.Blocks, asked, cancel));
        }

        (CouplingResult coupling, IReadOnlyList<BlockUnit> blocks, CostTable costs) = (prepared.Coupling, prepared.Blocks, prepared.Costs);
        PredictionCorrection correction = PredictionCorrection.None;
        PruneResult? best = null;
        for (int round = 1; round <= MaxRounds; round++)
        {
            progress?.Report(new ProfileProgress($"cutting and measuring, round {round}", 0.99));
            BudgetPlan budget = prepared.Planner.Choose(options.Budget, correction, cancel);
            PruneResult result = Cut(model, coupling, budget, blocks, costs, options, cancel);
            if (result.Equivalence.Ok && !result.Meets(options.Budget))
            {
                // Not before: the table may be wrong about what cannot be had, so that the cheapest choice is measured.
                ThrowIfImpossible(options.Budget, budget, round, result);
            }

            if (!options.Budget.Targets.Any(t => t.IsMeasured) || !result.Equivalence.Ok)
            {
                best = result;
                break;
            }

            bool isNew = best is null || !result.Plan.Units.Select(u => u.Unit).SequenceEqual(best.Plan.Units.Select(u => u.Unit));
            best = best is null ? result : Better(best, result, options.Budget);
            if ((!budget.Choice.Met && round > 1) || !isNew || IsClose(result, options.Budget))
            {
                break;
            }

            // The table predicts, the measurement decides: the next round is planned with what the table was wrong by.
            foreach (CostMetric metric in Enum.GetValues<CostMetric>().Where(m => m.IsMeasured()))
            {
                correction = correction.With(metric, budget.TableShare(metric), result.MeasuredShare(metric));
            }
        }

        if (best!.Equivalence.Ok && ScheduledPruning.IsAskedFor(options))
        {
            best = Scheduled(prepared, best, correction, progress, cancel);
        }
        else
        {
            best = Finish(model, coupling, best, options, progress, cancel);
        }

        return prepared.HandOut(Settle(given, model, best, blocks, asked, cancel));
    }

    // What was pruned first gets its new head now; a plan names the model that was given, whatever training came before the cut.
    private static PruneResult Settle(
        OnnxModel given, OnnxModel model, PruneResult result, IReadOnlyList<BlockUnit> blocks, PruneOptions options, CancellationToken cancel)
    {
        if (options.Transfer is { Order: TransferOrder.PruneFirst } transfer && result.Equivalence.Ok)
        {
            var detail = new TrainingDetail { Seed = options.Seed, Session = Scoring(options.Session) };
            OnnxModel transferred = HeadTransfer.Run(result.Model, transfer, options.Recovery!, detail, cancel);
            return result with
            {
                Model = transferred,
                Comparison = ModelComparison.Run(model, transferred, options.Device, options.Session, options.CompareBudget, shapes: options.Shapes, cancel: cancel),
            };
        }

        if (ReferenceEquals(given, model) || options.Transfer is not null)
        {
            return result;
        }

        CouplingResult coupling = CouplingAnalysis.Run(given, ShapeProbe.Run(given, null, options.Shapes), options.Coupling);
        var surgery = new SurgeryOptions { Constants = options.Constants, Blocks = [.. blocks.Where(b => result.Budget.Choice.Blocks.Contains(b.Id))] };
        return result with { Plan = ModelSurgeon.Cut(given, coupling, [.. result.Plan.Units.Select(u => u.Unit)], surgery).Plan };
    }

    // The single cut that was measured says what to aim at; the schedule cuts the model again.
    private static PruneResult Scheduled(
        PreparedPruning prepared, PruneResult single, PredictionCorrection correction, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        (OnnxModel model, CouplingResult coupling, PruneOptions options) = (prepared.Model, prepared.Coupling, prepared.Options);
        if (single.Budget.Choice.Blocks.Count > 0)
        {
            throw new InputException("schedules, training and densification are for units, and whole blocks or layers went; leave --kinds block and layer out");
        }

        progress?.Report(new ProfileProgress("cutting and training", 0.99));
        var budget = new StagedBudget(
            options.Budget.Targets.ToDictionary(t => t.Metric, single.Allowed), options.Budget.Ratio);
        BudgetPlanner judge = prepared.Planner;
        var context = new ScheduleContext(
            model, coupling, prepared.Bounds, budget, (by, within, request) => prepared.PlannerOf(by, within).Choose(request, correction, cancel).Choice.Removed, options)
        {
            Fits = removed => judge.At(removed, correction) is var plan && budget.IsKept(plan.Share, (double)removed.Count / coupling.Units.Count),
            Initial = prepared.Scores,
            Cancellation = cancel,
        };
        ScheduledModel made = ScheduledPruning.Run(context);
        OnnxModel pruned = made.Model;
        SparsityResult? sparse = null;
        if (options.Sparsity is { } sparsity)
        {
            sparse = options.Schedule.Kind is PruningScheduleKind.Gradual or PruningScheduleKind.Dynamic ? WeightSparsifier.Count(pruned, sparsity) : Sparse(pruned, sparsity, options, cancel);
            pruned = ScheduledPruning.RecoverSparse(context, sparse.Model, sparse.Masks);
        }

        (_, PruningPlan plan) = ModelSurgeon.Cut(model, coupling, made.Removed, new SurgeryOptions { Constants = options.Constants });
        return single with
        {
            Model = pruned,
            Plan = plan,
            Budget = judge.At(made.Removed, correction),
            Equivalence = made.Equivalence,
            Comparison = ModelComparison.Run(model, pruned, options.Device, options.Session, options.CompareBudget, shapes: options.Shapes, cancel: cancel),
            Reconstruction = made.Fitted,
            Sparsity = sparse,
            Stages = made.Stages,
            DroppedTrainings = made.DroppedTrainings,
        };
    }

    // Within the budget, and on it with one of its limits at least.
    private static bool IsClose(PruneResult result, BudgetRequest budget) =>
        result.Meets(budget) && budget.Targets.Any(t => result.MeasuredShare(t.Metric) >= result.Allowed(t) * (1 - Slack));

    // The law of surgery holds for the cut; what is fitted and made zero after it is measured again.
    private static PruneResult Finish(
        OnnxModel model, CouplingResult coupling, PruneResult cut, PruneOptions options, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        if (!cut.Equivalence.Ok || (options.Reconstruction is null && options.Sparsity is null))
        {
            return cut;
        }

        progress?.Report(new ProfileProgress("fitting what is left", 0.99));
        (OnnxModel pruned, ReconstructionResult? fitted, SparsityResult? sparse) = Fit(model, coupling, cut.Model, cut.Budget, options, cancel);
        var comparison = ModelComparison.Run(
            model, pruned, options.Device, options.Session, options.CompareBudget, shapes: options.Shapes, cancel: cancel);
        return cut with { Model = pruned, Comparison = comparison, Reconstruction = fitted, Sparsity = sparse };
    }

    /// <summary>Fits what a cut has left to the original's activations, then makes single weights zero, as far as asked for.</summary>
    internal static (OnnxModel Model, ReconstructionResult? Fitted, SparsityResult? Sparse) Fit(
        OnnxModel model, CouplingResult coupling, OnnxModel pruned, BudgetPlan plan, PruneOptions options, CancellationToken cancel)
    {
        if (options.Reconstruction is not null && plan.Choice.Blocks.Count > 0)
        {
            throw new InputException("weights cannot be fitted where whole blocks or layers go; leave --kinds block and layer, or the fitting, out");
        }

        ReconstructionResult? fitted = options.Reconstruction is { } reconstruction
            ? Reconstructor.Run(model, pruned, coupling, [.. plan.Choice.Removed], Needed(options), reconstruction, Scoring(options.Session), cancel)
            : null;
        pruned = fitted?.Model ?? pruned;
        SparsityResult? sparse = options.Sparsity is { } sparsity ? Sparse(pruned, sparsity, options, cancel) : null;
        return (sparse?.Model ?? pruned, fitted, sparse);
    }

    // Threads are a matter of measuring; scoring takes the cores that there are.
    internal static SessionSettings Scoring(SessionSettings settings) => settings with { Threads = Math.Max(settings.Threads, Environment.ProcessorCount) };

    // Of two that keep the budget the one that lost less, of two that do not the cheaper.
    private static PruneResult Better(PruneResult a, PruneResult b, BudgetRequest budget) =>
        (a.Meets(budget), b.Meets(budget)) switch
        {
            (true, true) => LosesLess(a.Budget.Choice, b.Budget.Choice) ? a : b,
            (false, false) => Overspent(a, budget) <= Overspent(b, budget) ? a : b,
            (bool first, _) => first ? a : b,
        };

    private static bool LosesLess(BudgetChoice a, BudgetChoice b) =>
        Math.Abs(a.LostImportance - b.LostImportance) <= 1e-6 * Math.Max(a.LostImportance, b.LostImportance)
            ? a.Removed.Count <= b.Removed.Count
            : a.LostImportance < b.LostImportance;

    private static double Overspent(PruneResult result, BudgetRequest budget) =>
        budget.Targets.Sum(t => Math.Max(0, (result.MeasuredShare(t.Metric) / result.Allowed(t)) - 1));

    // What is asked for is refused where no choice can reach it. In later rounds a correction that went too far is no reason to refuse.
    internal static void ThrowIfImpossible(BudgetRequest request, BudgetPlan plan, int round, PruneResult? cheapest = null)
    {
        if (round == 1 && request.Targets.Count > 0 && !plan.Choice.Met)
        {
            throw Impossible(plan.Choice, plan.PaperBefore, cheapest);
        }
    }

    /// <summary>Refuses limits on counted costs that no choice can keep, before anything is measured.</summary>
    internal static void ThrowIfImpossible(BudgetRequest request, BudgetSpace counted, PaperCost before, CancellationToken cancel)
    {
        var solver = new BudgetSolver(counted);
        BudgetLimit[] limits =
        [
            .. request.Targets.Where(t => !t.IsMeasured).Select(t => (t.Metric, Whole: t.Metric == CostMetric.Memory ? before.MemoryBytes : solver.Full.Of(t.Metric), Share: t.ShareOf(before.Of(t.Metric))))
                .Select(t => new BudgetLimit(t.Metric, t.Share * t.Whole)),
        ];
        if (limits.Length > 0 && solver.Solve(limits, cancel) is { Met: false } choice)
        {
            throw Impossible(choice, before);
        }
    }

    private static InputException Impossible(BudgetChoice choice, PaperCost before, PruneResult? cheapest = null)
    {
        string measured = cheapest is null ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"\nThe cheapest choice was cut and measured: it has {cheapest.MeasuredShare(CostMetric.Energy):P1} of the energy and {cheapest.MeasuredShare(CostMetric.Latency):P1} of the latency.");
        IEnumerable<string> least = choice.Least.Select(l => (Least: l, Whole: l.Of(choice.Before, before))).Select(l => string.Create(
            CultureInfo.InvariantCulture,
            $"{l.Least.Limit.Metric.ToString().ToLowerInvariant()} of {l.Least.Limit.Limit / l.Whole:P1} was asked for; the least found is {l.Least.Found / l.Whole:P1}, and less than {l.Least.Proven / l.Whole:P1} is impossible"));
        return new InputException($"the budget cannot be met with the units that may go:\n  {string.Join("\n  ", least)}{measured}\nAsk for more, or let more kinds of units go (--kinds, --allow-inexact)");
    }

    private static PruneResult Cut(
        OnnxModel model,
        CouplingResult coupling,
        BudgetPlan budget,
        IReadOnlyList<BlockUnit> blocks,
        CostTable costs,
        PruneOptions options,
        CancellationToken cancel)
    {
        (OnnxModel pruned, PruningPlan plan) = ModelSurgeon.Cut(
            model,
            coupling,
            [.. budget.Choice.Removed],
            new SurgeryOptions { Constants = options.Constants, Blocks = [.. blocks.Where(b => budget.Choice.Blocks.Contains(b.Id))] });
        EquivalenceReport equivalence = MaskedEquivalence.Check(model, pruned, plan, seed: options.Seed, shapes: options.Shapes);
        var comparison = ModelComparison.Run(
            model, pruned, options.Device, options.Session, options.CompareBudget, shapes: options.Shapes, cancel: cancel);
        return new PruneResult(pruned, plan, budget, costs, equivalence, comparison);
    }

    private static SparsityResult Sparse(OnnxModel pruned, SparsityOptions sparsity, PruneOptions options, CancellationToken cancel)
    {
        CouplingResult rest = CouplingAnalysis.Run(pruned, ShapeProbe.Run(pruned, null, options.Shapes), options.Coupling);
        var context = new ImportanceContext(pruned, rest) { Seed = options.Seed, Data = options.Calibration, Session = Scoring(options.Session), Cancellation = cancel };
        return WeightSparsifier.Run(context, sparsity);
    }

    internal static CalibrationData Needed(PruneOptions options) => options.Calibration
        ?? throw new InputException("weights are fitted to what the original does with samples, and none were given; name training samples (--calibration)");

    /// <summary>The units of a model.</summary>
    /// <exception cref="InputException">It has none.</exception>
    /// <param name="model">The model.</param>
    /// <param name="shapes">Shapes of its values; found by a run where null.</param>
    /// <param name="options">Which units are looked for.</param>
    /// <param name="required">False where a model without units will do.</param>
    public static CouplingResult Units(
        OnnxModel model, IReadOnlyDictionary<string, ValueShape>? shapes = null, CouplingOptions? options = null, bool required = true)
    {
        CouplingResult coupling = CouplingAnalysis.Run(model, shapes, options);
        if (coupling.Units.Count > 0 || !required)
        {
            return coupling;
        }

        string why = string.Join("\n  ", coupling.Frozen.Take(5).Select(f => $"'{f.Tensor}' axis {f.Axis}: {f.Reason}"));
        string sought = options?.Kinds is null ? "nothing in this model can be pruned" : "this model has no units of the kinds asked for that can be pruned";
        throw new InputException($"{sought}{(why.Length > 0 ? $":\n  {why}" : "")}");
    }

    /// <summary>Blocks and layers that may go as a whole: of the kinds that are named, none where no kind is.</summary>
    public static IReadOnlyList<BlockUnit> Blocks(OnnxModel model, IReadOnlyDictionary<string, ValueShape>? shapes, CouplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Names(UnitKind.Block) || options.Names(UnitKind.Layer) ? BlockAnalysis.Run(model, shapes, options) : [];
    }

    /// <summary>Costs of its layers at every width, measured here or taken from the store.</summary>
    public static CostTable Costs(
        OnnxModel model, BlockResizer resizer, PruneOptions options, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sweep = new SweepOptions
        {
            Device = options.Device,
            Session = options.Session,
            Budget = options.SweepBudget,
            Seed = options.Seed,
            Shapes = options.Shapes,
            Store = options.CostStore,
        };
        return CostSweep.Run(model, resizer, sweep, progress, cancel);
    }
}
