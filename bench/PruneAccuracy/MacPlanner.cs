using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;

namespace PruneAccuracy;

/// <summary>Chooses units so that a share of the multiply-accumulates stays: the budget solver with MACs in the place of seconds.</summary>
internal sealed class MacPlanner(OnnxModel model, CouplingResult coupling)
{
    private readonly GraphIndex index = new(model.Graph);
    private readonly ModelStatistics statistics = ModelStatistics.Of(model);

    /// <summary>MACs of the whole model.</summary>
    public long Macs => statistics.Macs;

    /// <summary>The least important units for their MACs.</summary>
    /// <param name="scores">Importance by unit.</param>
    /// <param name="ratio">How many times fewer MACs.</param>
    /// <param name="innerOnly">True to leave units alone that more than one layer makes: the trunks of residual networks.</param>
    public IReadOnlyList<int> Choose(double[] scores, double ratio, bool innerOnly)
    {
        CostTerm[] terms = [.. statistics.Nodes.Where(n => n.Macs > 0 && index.Constant(n.Node.InputAt(1)) is not null).Select(Term)];
        GroupBounds bounds = GroupBounds.Of(coupling, [], BudgetSolver.Floor);
        if (innerOnly)
        {
            bounds = bounds with
            {
                Least = [.. coupling.Groups.Select(g => g.Units[0].Slices.Count(s => s.Role == SliceRole.Output) > 1 ? g.Units.Count : bounds.Least[g.Id])],
            };
        }

        var solver = new BudgetSolver(coupling, scores, terms, default, bounds: bounds);
        return solver.Solve([new BudgetLimit(CostMetric.Latency, Macs / ratio)]).Removed;
    }

    private CostTerm Term(NodeStatistics node)
    {
        string weights = node.Node.Input[1];
        int[] axes = [0, 1];
        TensorProto tensor = index.Constant(weights)!;
        LayerWidth[] widths = Array.ConvertAll(axes, axis => Width(weights, axis, (int)tensor.Dims[axis]));
        double full = (double)tensor.Dims[0] * tensor.Dims[1];
        return new CostTerm(widths, at => new LayerCost(node.Macs * (at[0] * (double)at[1] / full), 0));
    }

    private LayerWidth Width(string tensor, int axis, int length)
    {
        int[] units = coupling.UnitsAlong(tensor, axis) ?? [];
        WidthPart[] parts = [.. units.Where(u => u >= 0).GroupBy(u => coupling.Units[u].Group).Select(g => new WidthPart(g.Key, g.Count() / g.Distinct().Count()))];
        return new LayerWidth(length - units.Count(u => u >= 0), parts);
    }
}
