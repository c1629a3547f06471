using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Reductions. Sums over units are exact: a unit that is zero counts for nothing. Means, extremes and products are not, since the
/// zero of a masked unit counts there (also in a maximum over values that are all positive: that is not assumed).
/// </summary>
internal sealed class ReduceRule : IOperatorRule
{
    private static readonly HashSet<string> Sums = ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceSum", "ReduceSumSquare"];

    public IReadOnlyList<string> Operators { get; } =
    [
        "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
        "ReduceSumSquare",
    ];

    public string Relation =>
        "The axes that are not reduced pass. Units along a reduced axis are exact for ReduceSum, L1, L2, SumSquare and LogSum, where a "
        + "zero counts for nothing, and inexact for the others.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int rank = c.Rank(x);
        long[]? axes = node.GetInts("axes") ?? c.Extents.Numbers(node.InputAt(1));
        if (axes is null && node.InputAt(1) is not null)
        {
            c.Unknown(node, "axes computed when the model runs");
            return;
        }

        if (axes is null or [] && node.GetInt("noop_with_empty_axes", 0) != 0)
        {
            // Nothing is reduced, but the function of each element is still taken.
            c.SetOutput(node, 0, c.Of(x));
            return;
        }

        HashSet<int> reduced = axes is null or []
            ? [.. Enumerable.Range(0, rank)]
            : [.. axes.Select(a => CouplingBuilder.Axis(a, rank))];
        foreach (int axis in reduced)
        {
            int[]? ids = Joint.Leave(c, x, axis, reduced);
            string reason = $"{node.Describe()}: every index along this axis counts in the result";
            if (!Sums.Contains(node.OpType))
            {
                c.Inexact(ids, reason);
            }
            else if (c.Sources.ContainsKey(x) || c.IsInteger(x))
            {
                c.Freeze(ids ?? [], $"{node.Describe()}: sums parameters or integers along this axis");
            }
            else if (ids is not null)
            {
                c.MaskValue(x, axis);
            }
        }

        bool keep = node.GetInt("keepdims", 1) != 0;
        Layout layout = c.Of(x);
        c.SetOutput(node, 0, layout with
        {
            Groups = [.. layout.Groups
                .Where(g => !g.Axes.Any(reduced.Contains))
                .Select(g => g.Move(axis => keep ? axis : axis - reduced.Count(r => r < axis)))],
        });
    }
}
