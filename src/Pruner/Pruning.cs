using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Costs;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
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
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model, null, options.Shapes);
        CouplingResult coupling = Units(model, shapes, options.Coupling);
        _ = options.Reconstruction is null ? null : Needed(options); // before minutes of measuring
        GroupBounds bounds = GroupBounds.Of(coupling, options.Layers, BudgetSolver.Floor);
        double[] scores = UnitScoring.Score(
            new ImportanceContext(model, coupling) { Seed = options.Seed, Session = Scoring(options.Session), Cancellation = cancel }, options.Scoring);
        var resizer = new BlockResizer(coupling);
        CostTable costs = Costs(model, resizer, options, progress, cancel);
        BudgetRequest request = options.Budget;
        PruneResult? best = null;
        for (int round = 1; round <= MaxRounds; round++)
        {
            progress?.Report(new ProfileProgress($"cutting and measuring, round {round}", 0.99));
            BudgetPlan budget = BudgetPlanner.Choose(coupling, scores, costs, resizer, request, bounds);
            PruneResult result = Cut(model, coupling, budget, costs, options, cancel);
            if (options.Budget.Metric is not { } metric || !result.Equivalence.Ok)
            {
                best = result;
                break;
            }

            bool isNew = best is null || !result.Plan.Units.Select(u => u.Unit).SequenceEqual(best.Plan.Units.Select(u => u.Unit));
            best = best is null ? result : Better(best, result, options.Budget, metric);
            double share = result.MeasuredShare(metric);
            if (!budget.Choice.Met || !isNew || (result.Meets(options.Budget) && share >= options.Budget.Share * (1 - Slack)))
            {
                break;
            }

            // The table predicts, the measurement decides: the next round aims lower or higher by what the table was wrong.
            double aim = request.Share * Math.Clamp(options.Budget.Share / share, 0.5, 2);
            request = BudgetRequest.AtMost(metric, Math.Min(1, aim));
        }

        return Finish(model, coupling, best!, options, progress, cancel);
    }

    // The law of surgery holds for the cut; what is fitted and made zero after it is measured again.
    private static PruneResult Finish(
        OnnxModel model, CouplingResult coupling, PruneResult cut, PruneOptions options, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        if (!cut.Equivalence.Ok || (options.Reconstruction is null && options.Sparsity is null))
        {
            return cut;
        }

        progress?.Report(new ProfileProgress("fitting what is left", 0.99));
        OnnxModel pruned = cut.Model;
        ReconstructionResult? fitted = options.Reconstruction is { } reconstruction
            ? Reconstructor.Run(model, pruned, coupling, [.. cut.Budget.Choice.Removed], Needed(options), reconstruction, Scoring(options.Session), cancel)
            : null;
        pruned = fitted?.Model ?? pruned;
        SparsityResult? sparse = options.Sparsity is { } sparsity ? Sparse(pruned, sparsity, options, cancel) : null;
        pruned = sparse?.Model ?? pruned;
        var comparison = ModelComparison.Run(
            model, pruned, options.Device, options.Session, options.CompareBudget, shapes: options.Shapes, cancel: cancel);
        return cut with { Model = pruned, Comparison = comparison, Reconstruction = fitted, Sparsity = sparse };
    }

    // Threads are a matter of measuring; scoring takes the cores that there are.
    private static SessionSettings Scoring(SessionSettings settings) => settings with { Threads = Math.Max(settings.Threads, Environment.ProcessorCount) };

    // Of two that keep the budget the one that lost less, of two that do not the cheaper.
    private static PruneResult Better(PruneResult a, PruneResult b, BudgetRequest budget, CostMetric metric) =>
        (a.Meets(budget), b.Meets(budget)) switch
        {
            (true, true) => a.Budget.Choice.LostImportance <= b.Budget.Choice.LostImportance ? a : b,
            (false, false) => a.MeasuredShare(metric) <= b.MeasuredShare(metric) ? a : b,
            (bool first, _) => first ? a : b,
        };

    private static PruneResult Cut(
        OnnxModel model, CouplingResult coupling, BudgetPlan budget, CostTable costs, PruneOptions options, CancellationToken cancel)
    {
        (OnnxModel pruned, PruningPlan plan) = ModelSurgeon.Cut(
            model, coupling, [.. budget.Choice.Removed], new SurgeryOptions { Constants = options.Constants });
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

    private static CalibrationData Needed(PruneOptions options) => options.Calibration
        ?? throw new InputException("weights are fitted to what the original does with samples, and none were given; name training samples (--calibration)");

    /// <summary>The units of a model.</summary>
    /// <exception cref="InputException">It has none.</exception>
    public static CouplingResult Units(OnnxModel model, IReadOnlyDictionary<string, ValueShape>? shapes = null, CouplingOptions? options = null)
    {
        CouplingResult coupling = CouplingAnalysis.Run(model, shapes, options);
        if (coupling.Units.Count > 0)
        {
            return coupling;
        }

        string why = string.Join("\n  ", coupling.Frozen.Take(5).Select(f => $"'{f.Tensor}' axis {f.Axis}: {f.Reason}"));
        string sought = options?.Kinds is null ? "nothing in this model can be pruned" : "this model has no units of the kinds asked for that can be pruned";
        throw new InputException($"{sought}{(why.Length > 0 ? $":\n  {why}" : "")}");
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
