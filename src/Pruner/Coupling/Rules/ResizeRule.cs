using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Resize and Upsample in all their forms: axes whose scale is one pass, the others are frozen.</summary>
internal sealed class ResizeRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Resize", "Upsample"];

    public string Relation => "Axes of scale one pass; those that are resized, or cropped by a region, are frozen.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int[] before = c.Dims(x)!;
        int[] after = c.Dims(node.Output[0])!;
        int[] axes = Axes(node, before.Length);
        Extent[]? sizes = Sizes(node) is { } given ? c.Extents.Of(given) : null;
        Extent[]? scales = node.Find("scales") is { } attribute
            ? [.. attribute.Floats.Select(f => Extent.Constant(f))]
            : c.Extents.OfReal(Scales(node, c.Opset));
        bool cropped = node.GetString("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize";
        bool stretched = node.GetString("keep_aspect_ratio_policy", "stretch") == "stretch";
        foreach (string numbers in node.Input.Skip(1).Where(i => i.Length > 0))
        {
            c.FreezeAll(numbers, $"{node.Describe()}: one number for each axis");
        }

        Layout layout = c.Of(x);
        foreach (AxisIds group in layout.Groups)
        {
            foreach (int axis in group.Axes)
            {
                int at = Array.IndexOf(axes, axis);
                // A scale near one can leave the length as it is, and still mix the indices.
                bool passes = at < 0 || (!cropped && before[axis] == after[axis]
                    && ((sizes is not null && stretched) || (at < scales?.Length && scales[at] is { Number: 1, Reads.Count: 0 })));
                if (!passes)
                {
                    c.Freeze(group.Ids, $"{node.Describe()}: resizes this axis");
                }
            }
        }

        Layout made = layout with { Groups = [.. layout.Groups.Where(g => g.Axes.All(a => before[a] == after[a]))] };
        if (sizes is not null)
        {
            ShapeInput.Relate(node, c, sizes, made, entry => axes[entry]);
        }
        else
        {
            foreach (string computed in node.Input.Skip(1).Where(i => i.Length > 0))
            {
                c.Extents.FreezeReads(computed, node.Describe());
            }
        }

        c.SetOutput(node, 0, made);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        if (Sizes(node) is not null)
        {
            int[] axes = Axes(node, s.Rank(node.Input[0]));
            ShapeInput.Rewrite(node, s, input: 3, entry => axes[entry], zeroCopies: false);
        }
    }

    // From opset 18 sizes and scales may be for some axes only.
    private static int[] Axes(NodeProto node, int rank) =>
        node.GetInts("axes") is { } axes ? [.. axes.Select(a => CouplingBuilder.Axis(a, rank))] : [.. Enumerable.Range(0, rank)];

    private static string? Sizes(NodeProto node) => node.OpType == "Resize" ? node.InputAt(3) : null;

    // Opset 10 has no region before the scales.
    private static string? Scales(NodeProto node, int opset) => node.InputAt(node.OpType == "Resize" && opset > 10 ? 2 : 1);
}
