using EdgePrune.Onnx.Proto;
using EdgePrune.Profiler.Costs;
using EdgePrune.Pruner.Budget.Orders;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Budget;

/// <summary>Puts units, scores, a measured cost table and counted costs together and asks the solver.</summary>
public sealed class BudgetPlanner
{
    // Each round comes closer by the ratio that it missed by; four are enough for the small share that layers do not explain.
    private const int Rounds = 4;
    private const double Exact = 1e-9;
    private const double Below = 0.999;

    // A prediction this close below what is wanted is as good as on it.
    private const double Tight = 0.98;

    private readonly CouplingResult coupling;
    private readonly CostTable costs;
    private readonly PaperCosts paper;
    private readonly Dictionary<CostLayer, IReadOnlyList<LayerWidth>> widths;
    private readonly Dictionary<CostLayer, IReadOnlyList<string>> nodes;
    private readonly Dictionary<int, BlockUnit> blocks;
    private readonly BudgetSpace space;
    private readonly BudgetSolver solver;
    private readonly Cost before;
    private readonly PaperCost paperBefore;

    /// <param name="coupling">Units of the model.</param>
    /// <param name="scores">Importance by unit id.</param>
    /// <param name="costs">Costs of its layers on the device.</param>
    /// <param name="resizer">The resizer that the sweep used.</param>
    /// <param name="paper">Its counted costs.</param>
    /// <param name="blocks">Blocks and layers that may go as a whole.</param>
    /// <param name="bounds">How many units of each group must and may stay; the solver's floor where null.</param>
    public BudgetPlanner(
        CouplingResult coupling, IReadOnlyList<double> scores, CostTable costs, BlockResizer resizer, PaperCosts paper, IReadOnlyList<BlockUnit> blocks, GroupBounds? bounds = null)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(resizer);
        ArgumentNullException.ThrowIfNull(paper);
        this.coupling = coupling;
        this.costs = costs;
        this.paper = paper;
        this.blocks = blocks.ToDictionary(b => b.Id);
        widths = costs.Layers.ToDictionary(l => l, l => resizer.WidthsOf(l.Block.Model));
        nodes = costs.Layers.ToDictionary(l => l, Working);
        Dictionary<string, WidthCosts> predictions = costs.Layers.Select(l => l.Block.Key).Distinct().ToDictionary(key => key, key => new WidthCosts(at => Predict(key, at)));
        CostTerm[] terms =
        [
            .. costs.Layers.Select(l => new CostTerm(widths[l], predictions[l.Block.Key])),
            .. paper.Terms.Select(t => t.Term),
        ];
        space = new BudgetSpace(coupling, scores, terms)
        {
            Values = [.. paper.Values.Select(v => v.Term)],
            Moments = paper.Moments,
            Bounds = bounds,
            Blocks = BlockChoices.Of(
                blocks,
                coupling,
                scores,
                [.. costs.Layers.Select(l => nodes[l]), .. paper.Terms.Select(t => t.Node is null ? (IReadOnlyList<string>)[] : [t.Node])],
                [.. costs.Layers.Select(_ => (string?)null), .. paper.Terms.Select(t => t.Tensor)],
                [.. paper.Values.Select(v => v.Value)]),
        };
        solver = new BudgetSolver(space);
        before = costs.PredictNetwork(_ => null);
        paperBefore = paper.At();
    }

    /// <summary>In what order units go; by default none, and all widths are looked at together.</summary>
    public RemovalOrder Order { get; init; }

    /// <summary>Chooses the units to remove.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="correction">What measured cuts have said about the table.</param>
    /// <param name="cancel">Ends the search.</param>
    public BudgetPlan Choose(BudgetRequest request, PredictionCorrection? correction = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        correction ??= PredictionCorrection.None;
        if (request.Targets.Count == 0)
        {
            return Plan(solver.Share(request.Ratio)) with { Correction = correction };
        }

        Dictionary<CostMetric, double> wanted = request.Targets.ToDictionary(t => t.Metric, t => t.ShareOf(BeforeOf(t.Metric)));
        var allowed = new Dictionary<CostMetric, double>(wanted);
        BudgetPlan plan = Solve(allowed, correction, cancel);
        BudgetPlan? kept = Holds(plan) ? plan : null;
        // The layers add up to the network but for layout changes, dispatch and what measured cuts tell. The limits on the layers are
        // moved until the network's own prediction comes to what is wanted, and not far below it.
        for (int round = 0; round < Rounds && !(Holds(plan) && IsTight(plan)); round++)
        {
            foreach (CostMetric metric in wanted.Keys.Where(m => m.IsMeasured()))
            {
                double layers = plan.Choice.Predicted.Of(metric) / solver.Full.Of(metric);
                bool over = plan.Choice.Met && plan.Share(metric) > wanted[metric] * (1 + Exact);
                double scaled = wanted[metric] * layers / plan.Share(metric);
                allowed[metric] = over ? Math.Min(scaled, allowed[metric] * wanted[metric] / plan.Share(metric)) * Below : scaled;
            }

            BudgetPlan next = Solve(allowed, correction, cancel);
            if (next.Choice.Removed.Count == plan.Choice.Removed.Count && next.Choice.Removed.SequenceEqual(plan.Choice.Removed) && next.Choice.Met == plan.Choice.Met)
            {
                break;
            }

            plan = next;
            kept = Holds(plan) && (kept is null || plan.Choice.LostImportance < kept.Choice.LostImportance) ? plan : kept;
        }

        return kept ?? plan;

        bool Holds(BudgetPlan p) => p.Choice.Met && wanted.All(w => p.Share(w.Key) <= w.Value * (1 + Exact));

        bool IsTight(BudgetPlan p) => wanted.Any(w => !w.Key.IsMeasured() || p.Share(w.Key) >= w.Value * Tight);
    }

    /// <summary>What a choice of units that somebody else made is predicted to cost.</summary>
    /// <param name="removed">Ids of the units that go.</param>
    /// <param name="correction">What measured cuts have said about the table.</param>
    public BudgetPlan At(IReadOnlyCollection<int> removed, PredictionCorrection? correction = null) =>
        Plan(solver.Of(removed)) with { Correction = correction ?? PredictionCorrection.None };

    /// <summary>What the network costs as it is, in the metric's unit.</summary>
    public double BeforeOf(CostMetric metric) => metric switch
    {
        CostMetric.Energy => before.Total.Value,
        CostMetric.Latency => before.Time.Value,
        _ => paperBefore.Of(metric),
    };

    private BudgetPlan Solve(Dictionary<CostMetric, double> shares, PredictionCorrection correction, CancellationToken cancel)
    {
        LayerCost full = solver.Full;
        BudgetLimit[] limits = [.. shares.Select(s => new BudgetLimit(s.Key, s.Value * (s.Key == CostMetric.Memory ? paperBefore.MemoryBytes : full.Of(s.Key))))];
        return Plan(Order == RemovalOrder.Solver ? solver.Solve(limits, cancel) : new GreedyRemoval(space, Order).Solve(limits, cancel)) with { Correction = correction };
    }

    private LayerCost Predict(string block, IReadOnlyList<int> at)
    {
        Cost cost = costs.Predict(block, at);
        return new LayerCost(cost.Time.Value, cost.Total.Value);
    }

    // What of a layer does the work: where that goes, what is left of it (an activation, a sum) is next to nothing.
    private static IReadOnlyList<string> Working(CostLayer layer)
    {
        NodeProto[] weighty = [.. layer.Layer.SourceNodes.Where(n => n.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul")];
        return [.. (weighty.Length > 0 ? weighty : layer.Layer.SourceNodes).Select(n => n.Output[0])];
    }

    private BudgetPlan Plan(BudgetChoice choice)
    {
        int[] kept = [.. coupling.Groups.Select(g => g.Units.Count)];
        foreach (int unit in choice.Removed)
        {
            kept[coupling.Units[unit].Group]--;
        }

        BlockUnit[] without = [.. choice.Blocks.Select(b => blocks[b])];
        HashSet<string> gone = [.. without.SelectMany(b => b.Nodes)];
        Cost after = costs.PredictNetwork(layer => [.. widths[layer].Select(w => w.At(kept))], layer => !nodes[layer].All(gone.Contains));
        return new BudgetPlan(choice, before, after, paperBefore, paper.At(kept, without), costs.Error()?.Median);
    }
}
