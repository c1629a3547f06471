using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>An operand of a sum of products, with a label for each of its axes.</summary>
internal sealed record Operand(string Value, int[] Labels);

/// <summary>
/// Sums of products over labelled axes, which MatMul and Einsum are. Axes of one label have the same ids in all operands; labels that
/// the output lacks are summed over.
/// </summary>
internal static class Contraction
{
    /// <summary>States the relations and sets the node's first output.</summary>
    /// <param name="c">The builder.</param>
    /// <param name="node">The node.</param>
    /// <param name="operands">Its factors.</param>
    /// <param name="output">Labels of the output's axes; a label of length one need not be in any operand.</param>
    public static void Relate(CouplingBuilder c, NodeProto node, IReadOnlyList<Operand> operands, int[] output)
    {
        if (c.Options.CutsInsideHeads)
        {
            PreferPositions(c, operands, output);
        }

        var groups = new List<AxisIds>();
        var passed = new HashSet<int>();
        foreach (Operand operand in operands)
        {
            PassJoint(c, operands, operand, output, groups, passed);
        }

        // Labels that several operands and the output share come first: where heads and their width came out of one axis, heads are the units.
        foreach (int label in operands.SelectMany(o => o.Labels).Distinct().Where(l => !passed.Contains(l)).OrderBy(l => Order(operands, output, l)).ToArray())
        {
            if (Match(c, operands, output, label) is { } ids && Array.IndexOf(output, label) is var axis and >= 0)
            {
                groups.Add(AxisIds.Single(axis, ids));
            }
        }

        c.SetOutput(node, 0, new Layout(groups, operands.Select(o => c.Of(o.Value).Reason).First()));
    }

    private static int Order(IReadOnlyList<Operand> operands, int[] output, int label) =>
        !output.Contains(label) ? 1 : operands.Count(o => o.Labels.Contains(label)) > 1 ? 0 : 2;

    private static int[]? Match(CouplingBuilder c, IReadOnlyList<Operand> operands, int[] output, int label)
    {
        var spans = new List<(string Value, int Axis, int[]? Ids, bool Shared)>();
        foreach (Operand operand in operands)
        {
            int axis = Array.IndexOf(operand.Labels, label);
            if (axis >= 0 && c.Dims(operand.Value)![axis] > 1)
            {
                int[]? ids = c.Ids(operand.Value, axis);
                // Where heads of keys and values are repeated for the query heads that share them, their ids stand several times.
                spans.Add((operand.Value, axis, ids, ids is not null && ids.Select(c.Elements.Find).Distinct().Count() < ids.Length));
            }
        }

        bool isSummed = !output.Contains(label);
        // An axis that a product of computed values runs over one by one is that of the heads.
        bool isShared = operands.Count(o => o.Labels.Contains(label)) > 1 && !operands.Any(o => WeightChain.IsMasked(c, o.Value));
        string[] weights = [.. spans.Select(s => s.Value).Where(v => WeightChain.IsMasked(c, v))];
        int[]? first = spans.Select(s => s.Ids).FirstOrDefault(ids => ids is not null);
        foreach ((string value, int axis, int[]? ids, bool shared) in spans)
        {
            c.Match(first, "", ids, c.Of(value).Reason);
            if (weights.Contains(value))
            {
                c.Mark(ids, isSummed ? SliceRole.Input : SliceRole.Output);
            }

            if (isShared && !isSummed)
            {
                c.Name(ids, shared ? UnitKind.KeyValueGroup : UnitKind.Head);
            }
        }

        // Where no weights stand in between, a removed index counts for nothing only if one side is zero there.
        if (isSummed && weights.Length == 0 && spans.Count > 0)
        {
            c.MaskValue(spans[0].Value, spans[0].Axis);
        }

        return first;
    }

    // Units that run over several axes which all pass alone into the output stay as they are.
    private static void PassJoint(
        CouplingBuilder c, IReadOnlyList<Operand> operands, Operand operand, int[] output, List<AxisIds> groups, HashSet<int> passed)
    {
        foreach (AxisIds group in c.Of(operand.Value).Groups.Where(g => !g.IsSingle))
        {
            int[] labels = [.. group.Axes.Select(a => operand.Labels[a])];
            if (labels.All(l => output.Contains(l) && operands.All(o => ReferenceEquals(o, operand) || IsShort(c, o, l))))
            {
                groups.Add(group.Move(a => Array.IndexOf(output, operand.Labels[a])));
                passed.UnionWith(labels);
                if (WeightChain.IsMasked(c, operand.Value))
                {
                    c.Mark(group.Ids, SliceRole.Output);
                }
            }
        }
    }

    private static bool IsShort(CouplingBuilder c, Operand operand, int label) =>
        Array.IndexOf(operand.Labels, label) is var axis && (axis < 0 || c.Dims(operand.Value)![axis] == 1);

    // Positions inside heads instead of heads: ids that run over both are cut along the axis that is not shared.
    private static void PreferPositions(CouplingBuilder c, IReadOnlyList<Operand> operands, int[] output)
    {
        foreach (Operand operand in operands)
        {
            foreach (AxisIds group in c.Of(operand.Value).Groups.Where(g => !g.IsSingle).ToArray())
            {
                int[] inside = [.. group.Axes.Where(a => Order(operands, output, operand.Labels[a]) > 0)];
                if (inside.Length > 0 && inside.Length < group.Axes.Length)
                {
                    c.Ids(operand.Value, inside[^1]);
                }
            }
        }
    }
}
