using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Reductions and arg-reductions: the axes reduced are frozen, the others pass.</summary>
internal sealed class ReduceRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } =
    [
        "ArgMax", "ArgMin", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
        "ReduceProd", "ReduceSum", "ReduceSumSquare",
    ];

    public string Relation => "The axes reduced are frozen, the others pass.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int rank = c.Rank(x);
        bool isArg = node.OpType.StartsWith("Arg", StringComparison.Ordinal);
        long[]? axes = isArg ? [node.GetInt("axis", 0)] : node.GetInts("axes") ?? c.Extents.Numbers(node.InputAt(1));
        if (axes is null && !isArg && node.InputAt(1) is not null)
        {
            c.Unknown(node, "axes computed when the model runs");
            return;
        }

        if (axes is null or [] && node.GetInt("noop_with_empty_axes", 0) != 0)
        {
            c.SetOutput(node, 0, c.Of(x));
            return;
        }

        HashSet<int> reduced = axes is null or []
            ? [.. Enumerable.Range(0, rank)]
            : [.. axes.Select(a => CouplingBuilder.Axis(a, rank))];
        foreach (int axis in reduced)
        {
            c.FreezeAxis(x, axis, $"{node.Describe()}: every index along this axis counts in the result");
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
