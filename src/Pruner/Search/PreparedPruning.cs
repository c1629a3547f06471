using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Documents;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Knowledge;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Pruner.Search;

/// <summary>A model with its units scored and its layers' costs known: budgets can be tried on it one after the other.</summary>
internal sealed class PreparedPruning
{
    private readonly IReadOnlyDictionary<string, ValueShape> shapes;
    private readonly BlockResizer resizer;
    private readonly PreparedModel start;
    private readonly PaperCosts paper;

    private PreparedPruning(
        PreparedModel start, IReadOnlyDictionary<string, ValueShape> shapes, CouplingResult coupling, IReadOnlyList<BlockUnit> blocks, BlockResizer resizer, CostTable costs, PaperCosts paper, double[] scores, GroupBounds bounds)
    {
        this.start = start;
        this.paper = paper;
        this.shapes = shapes;
        this.resizer = resizer;
        Coupling = coupling;
        Blocks = blocks;
        Costs = costs;
        Scores = scores;
        Bounds = bounds;
        Planner = PlannerOf(scores, bounds);
    }

    public OnnxModel Model => start.Model;

    public PruneOptions Options => start.Options;

    /// <summary>What each unit is worth, by id.</summary>
    public double[] Scores { get; }

    /// <summary>How many units of each group must and may stay.</summary>
    public GroupBounds Bounds { get; }

    public CouplingResult Coupling { get; }

    public IReadOnlyList<BlockUnit> Blocks { get; }

    public CostTable Costs { get; }

    public BudgetPlanner Planner { get; }

    /// <summary>A planner for other scores and bounds; the costs are the same.</summary>
    public BudgetPlanner PlannerOf(IReadOnlyList<double> scores, GroupBounds bounds) =>
        new(Coupling, scores, Costs, resizer, paper, Blocks, bounds) { Order = Options.Order };

    /// <summary>The result as it is handed out: stored as asked for, and told where costs and widths came from.</summary>
    public PruneResult HandOut(PruneResult result) => result with
    {
        Model = Options.StoreSparse ? SparseStorage.Compact(result.Model) : result.Model,
        Sensitivity = Priors.Of(Coupling, Scores),
        Transfer = Options.Knowledge?.Transfer is { } plan ? PlanTransfer.Of(plan, Coupling) : null,
        CostsFrom = Options.Knowledge?.Costs is { } known ? Printable.Name(known.Device) : null,
    };

    /// <summary>Finds units, scores them, and measures what is not known of their costs.</summary>
    /// <exception cref="InputException">Nothing can be pruned, or the model does not run.</exception>
    public static PreparedPruning Of(PreparedModel start, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        (OnnxModel model, PruneOptions options) = (start.Model, start.Options);
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model, null, options.Shapes);
        IReadOnlyList<BlockUnit> blocks = Pruning.Blocks(model, shapes, options.Coupling);
        CouplingResult coupling = Pruning.Units(model, shapes, options.Coupling, required: blocks.Count == 0);
        // Before minutes of measuring.
        _ = options.Reconstruction is null ? null : Pruning.Needed(options);
        _ = options.Floor is null ? null : FloorSearch.Judges(options);
        var resizer = new BlockResizer(coupling);
        progress?.Report(new ProfileProgress($"scoring {coupling.Units.Count} units by {options.Scoring.Criterion}", 0));
        (GroupBounds bounds, double[] scores) = Score(start, coupling, cancel);
        PaperCosts paper = PaperCosts.Of(model, coupling, shapes);
        Pruning.ThrowIfImpossible(options.Budget, paper.Space(scores, blocks) with { Bounds = bounds }, paper.At(), cancel);
        CostTable costs = options.Knowledge?.Costs is { } known
            ? CostTableReader.Read(known, model, resizer, options.Shapes)
            : Pruning.Costs(model, resizer, options, progress, cancel);
        return new PreparedPruning(start, shapes, coupling, blocks, resizer, costs, paper, scores, bounds);
    }

    /// <summary>The same model and costs with other ways to score, fit or choose; nothing is measured anew.</summary>
    /// <param name="options">Ask for the same units.</param>
    /// <param name="cancel">Ends the scoring.</param>
    public PreparedPruning With(PruneOptions options, CancellationToken cancel)
    {
        PreparedModel other = start with { Options = options };
        (GroupBounds within, double[] found) = Score(other, Coupling, cancel);
        return new PreparedPruning(other, shapes, Coupling, Blocks, resizer, Costs, paper, found, within);
    }

    /// <summary>The same scores and costs with another way to fit.</summary>
    public PreparedPruning Fitting(PruneOptions options) => new(start with { Options = options }, shapes, Coupling, Blocks, resizer, Costs, paper, Scores, Bounds);

    private static (GroupBounds Bounds, double[] Scores) Score(PreparedModel start, CouplingResult coupling, CancellationToken cancel)
    {
        PruneOptions options = start.Options;
        GroupBounds bounds = GroupBounds.Of(coupling, [.. options.Layers, .. options.Knowledge?.Priors?.Rules ?? []], BudgetSolver.Floor);
        bounds = options.Knowledge?.Transfer is { } plan ? PlanTransfer.Of(plan, coupling).In(bounds, coupling) : bounds;
        var context = new ImportanceContext(start.Model, coupling) { Seed = options.Seed, Session = Pruning.Scoring(options.Session), Cancellation = cancel };
        double[] scores = UnitScoring.Score(context, options.Scoring);
        scores = options.Knowledge?.Priors is { } priors ? priors.Apply(coupling, scores) : scores;
        return (start.Bounds(coupling, bounds), start.Scores(scores));
    }

    /// <summary>Cuts what a plan chose, checks the cut against the masked original, fits and makes sparse what is asked for. Nothing is measured.</summary>
    public PruneCandidate Make(BudgetPlan plan, CancellationToken cancel)
    {
        (OnnxModel pruned, PruningPlan removed) = ModelSurgeon.Cut(
            Model,
            Coupling,
            [.. plan.Choice.Removed],
            new SurgeryOptions { Constants = Options.Constants, Blocks = [.. Blocks.Where(b => plan.Choice.Blocks.Contains(b.Id))] });
        EquivalenceReport equivalence = MaskedEquivalence.Check(Model, pruned, removed, seed: Options.Seed, shapes: Options.Shapes);
        if (!equivalence.Ok)
        {
            return new PruneCandidate(pruned, removed, plan, equivalence, null, null);
        }

        (OnnxModel fitted, ReconstructionResult? reconstruction, SparsityResult? sparsity) = Pruning.Fit(Model, Coupling, pruned, plan, Options, cancel);
        return new PruneCandidate(fitted, removed, plan, equivalence, reconstruction, sparsity);
    }
}
