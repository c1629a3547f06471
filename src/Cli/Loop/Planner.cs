using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Costs;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Cli.Loop;

/// <summary>Plans and cuts a model with costs that were measured on a board, this one or another. Measures nothing.</summary>
internal sealed class Planner
{
    private readonly LoopOptions options;
    private readonly OnnxModel model;
    private readonly CouplingResult coupling;
    private readonly IReadOnlyList<BlockUnit> blocks;
    private readonly BudgetPlanner planner;

    /// <exception cref="InputException">Nothing can be pruned, or the costs are of another model.</exception>
    public Planner(OnnxModel model, CostTableDocument costs, LoopOptions options)
    {
        this.model = model;
        this.options = options;
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model, null, options.Shapes);
        blocks = Pruning.Blocks(model, shapes, options.Coupling);
        coupling = Pruning.Units(model, shapes, options.Coupling, required: blocks.Count == 0);
        double[] scores = ImportanceCriteria.Find(options.Importance).Score(model, coupling, options.Seed);
        var resizer = new BlockResizer(coupling);
        Costs = CostTableReader.Read(costs, model, resizer, options.Shapes);
        planner = new BudgetPlanner(coupling, scores, Costs, resizer, PaperCosts.Of(model, coupling, shapes), blocks);
    }

    public CostTable Costs { get; }

    /// <summary>The units to remove so that at most this share of the energy remains, by the table.</summary>
    public BudgetPlan Choose(double share) => planner.Choose(BudgetRequest.AtMost(CostMetric.Energy, share));

    /// <summary>The model without those units, checked against the masked original.</summary>
    /// <exception cref="CommandFailure">It is not equal to it.</exception>
    public (OnnxModel Pruned, PruningPlan Plan, EquivalenceReport Equivalence) Cut(BudgetPlan chosen)
    {
        (OnnxModel pruned, PruningPlan plan) = ModelSurgeon.Cut(model, coupling, [.. chosen.Choice.Removed], new SurgeryOptions { Constants = options.Constants, Blocks = [.. blocks.Where(b => chosen.Choice.Blocks.Contains(b.Id))] });
        EquivalenceReport report = MaskedEquivalence.Check(model, pruned, plan, seed: options.Seed, shapes: options.Shapes);
        return report.Ok
            ? (pruned, plan, report)
            : throw CommandFailure.VerificationFailed(
                $"the pruned model differs from the masked original by {report.MaxRelError:G2} of the output's range; it was not deployed. This is a defect of edgeprune: please report the model");
    }
}
