using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// The input by which a node is told the shape of its output (Reshape, Expand, sizes of a Resize): a constant, or numbers assembled
/// from lengths, −1 and arithmetic on them.
/// </summary>
internal static class ShapeInput
{
    /// <summary>
    /// Sees to it that the shape can be mended once axes are cut; freezes the axes for which it cannot. An entry that may have to
    /// become a constant must not depend on a length that differs from run to run, such as the batch.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="c">The builder.</param>
    /// <param name="shape">The entries of its shape.</param>
    /// <param name="output">Layout of its output.</param>
    /// <param name="axisOf">The axis of the output that an entry is for.</param>
    public static void Relate(NodeProto node, CouplingBuilder c, IReadOnlyList<Extent> shape, Layout output, Func<int, int> axisOf)
    {
        int[] open = [.. Enumerable.Range(0, shape.Count).Where(i =>
            c.Extents.Varies(shape[i], output.GroupOf(axisOf(i)) is not null) && (output.GroupOf(axisOf(i)) is not null || shape[i].Reads.Any(c.Extents.IsLive)))];
        // Reshape finds one length by itself: batch times heads, say.
        if (open.Length == 1 && node.OpType == "Reshape" && !shape.Any(e => e.Reads.Count == 0 && e.Number == -1))
        {
            c.Extents.LeftToReshape[node.Output[0]] = open[0];
            return;
        }

        foreach (int i in open)
        {
            Extent entry = shape[i];
            AxisIds? group = output.GroupOf(axisOf(i));
            string reason = $"{node.Describe()}: the length of an axis is computed from this one and from lengths that differ from run to run";
            c.Freeze(group?.Ids ?? [], reason);
            foreach (AxisLength read in entry.Reads)
            {
                c.KeepLength(read.Value, read.Axis, reason);
            }
        }
    }

    /// <summary>Mends the shape of a node once axes are cut.</summary>
    /// <param name="node">The node.</param>
    /// <param name="s">The surgery.</param>
    /// <param name="input">Place of the shape among its inputs.</param>
    /// <param name="axisOf">The axis of the output that an entry is for.</param>
    /// <param name="zeroCopies">True where an entry of 0 takes the length of the input's axis.</param>
    public static void Rewrite(NodeProto node, SurgeryContext s, int input, Func<int, int> axisOf, bool zeroCopies)
    {
        string y = node.Output[0];
        if (s.Extents(node.InputAt(input)) is not { } shape)
        {
            return;
        }

        long?[] made = [.. shape.Select((entry, i) => After(s, node, entry, i, axisOf(i), zeroCopies))];
        if (made.All(m => m is null))
        {
            return;
        }

        if (shape.All(e => e.Reads.Count == 0))
        {
            node.Input[input] = s.AddInts($"{y}_shape", [.. shape.Select((e, i) => made[i] ?? (long)e.Number)]);
            return;
        }

        // Entries that stay are still read when the model runs: the others are blotted out by zero and set.
        string keep = s.AddInts($"{y}_shape_keep", [.. made.Select(m => m is null ? 1L : 0)]);
        string set = s.AddInts($"{y}_shape_set", [.. made.Select(m => m ?? 0)]);
        string kept = s.AddNode("Mul", $"{y}_shape_kept", node.Input[input], keep);
        node.Input[input] = s.AddNode("Add", $"{y}_shape", kept, set);
    }

    // What an entry must become, or null where it follows by itself.
    private static long? After(SurgeryContext s, NodeProto node, Extent entry, int place, int axis, bool zeroCopies)
    {
        string y = node.Output[0];
        int length = s.LengthAfter(y, axis);
        if (entry.Reads.Count > 0)
        {
            bool moves = s.IsCut(y, axis) || entry.Reads.Any(r => s.IsCut(r.Value, r.Axis));
            bool follows = entry.IsLength && s.LengthAfter(entry.Reads[0].Value, entry.Reads[0].Axis) == length;
            // An entry that differs from run to run was only let pass where Reshape can find it by itself.
            return !moves || follows ? null : s.IsLeftToReshape(y, place) ? -1 : length;
        }

        return entry.Number switch
        {
            0 when zeroCopies && axis < s.Rank(node.Input[0]) => s.LengthAfter(node.Input[0], axis) == length ? null : length,
            > 0 when (long)entry.Number == s.Length(y, axis) && s.IsCut(y, axis) => length,
            _ => null,
        };
    }
}
