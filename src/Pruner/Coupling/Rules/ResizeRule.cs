using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Resize and Upsample: axes whose length stays pass, the others are frozen.</summary>
internal sealed class ResizeRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Resize", "Upsample"];

    public string Relation => "Axes whose length stays pass, the others are frozen.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int[] before = c.Dims(x)!;
        int[] after = c.Dims(node.Output[0])!;
        Layout layout = c.Of(x);
        // Sizes that cannot be followed might name the width of a channel axis.
        if (layout.Groups.Count > 0 && node.InputAt(3) is { } sizes && c.Extents.Of(sizes) is null)
        {
            c.Unknown(node, "sizes computed when the model runs");
            return;
        }

        foreach (AxisIds group in layout.Groups.Where(g => g.Axes.Any(a => before[a] != after[a])))
        {
            c.Freeze(group.Ids, $"{node.Describe()}: resizes this axis");
        }

        c.SetOutput(node, 0, layout with { Groups = [.. layout.Groups.Where(g => g.Axes.All(a => before[a] == after[a]))] });
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string y = node.Output[0];
        if (!s.IsCut(y) || s.TryConstant(node.InputAt(3)) is not { } sizes)
        {
            return;
        }

        long[]? axes = node.GetInts("axes");
        node.Input[3] = s.AddInts($"{y}_sizes", [.. sizes.Select((size, i) =>
        {
            int axis = axes is null ? i : CouplingBuilder.Axis(axes[i], s.Rank(y));
            return s.IsCut(y, axis) ? s.LengthAfter(y, axis) : size;
        })]);
    }
}
