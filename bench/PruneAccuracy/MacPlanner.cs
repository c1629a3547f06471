using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;

namespace PruneAccuracy;

/// <summary>Chooses units so that a share of the multiply-accumulates stays.</summary>
internal sealed class MacPlanner
{
    private readonly CouplingResult coupling;
    private readonly PaperCosts paper;

    public MacPlanner(OnnxModel model, CouplingResult coupling)
    {
        this.coupling = coupling;
        paper = PaperCosts.Of(model, coupling, ShapeProbe.Run(model));
    }

    /// <summary>MACs of the whole model.</summary>
    public long Macs => (long)Math.Round(paper.At().Macs);

    /// <summary>The least important units for their MACs.</summary>
    /// <param name="scores">Importance by unit.</param>
    /// <param name="ratio">How many times fewer MACs.</param>
    /// <param name="innerOnly">True to leave units alone that more than one layer makes: the trunks of residual networks.</param>
    public IReadOnlyList<int> Choose(double[] scores, double ratio, bool innerOnly)
    {
        GroupBounds bounds = GroupBounds.Of(coupling, [], BudgetSolver.Floor);
        if (innerOnly)
        {
            bounds = bounds with
            {
                Least = [.. coupling.Groups.Select(g => g.Units[0].Slices.Count(s => s.Role == SliceRole.Output) > 1 ? g.Units.Count : bounds.Least[g.Id])],
            };
        }

        return new BudgetSolver(paper.Space(scores) with { Bounds = bounds }).Solve([new BudgetLimit(CostMetric.Macs, Macs / ratio)]).Removed;
    }
}
