using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Operators for which every index along some axes counts in the result: normalisations, softmax, means.</summary>
internal static class WholeAxes
{
    /// <summary>
    /// Makes units along these axes inexact. Units that run over other axes too (positions inside heads, under a normalisation of
    /// each head) are cut along those instead, which stays exact.
    /// </summary>
    public static void Relate(CouplingBuilder c, NodeProto node, string value, IReadOnlyCollection<int> axes)
    {
        string reason = $"{node.Describe()}: every index along this axis counts in the result";
        foreach (AxisIds group in c.Of(value).Groups.Where(g => g.Axes.Any(axes.Contains)).ToArray())
        {
            int[] inside = [.. group.Axes.Where(axes.Contains)];
            int[] outside = [.. group.Axes.Where(a => !axes.Contains(a))];
            if (outside.Length == 0)
            {
                c.Inexact(group.Ids, reason);
            }
            else if (inside.Length == 1 && c.Options.CutsInsideHeads)
            {
                c.Inexact(c.Ids(value, inside[0]), reason);
            }
            else if (outside.Length == 1)
            {
                c.Ids(value, outside[0]);
            }
            else
            {
                foreach (int axis in inside)
                {
                    c.Bar(group, axis);
                }
            }
        }
    }

    /// <summary>A layout without what runs over these axes: of a value that has length one there.</summary>
    public static Layout Without(Layout layout, IReadOnlyCollection<int> axes) =>
        layout with { Groups = [.. layout.Groups.Where(g => !g.Axes.Any(axes.Contains))] };
}
