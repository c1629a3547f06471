using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Expand: X broadcast to a shape. Axes that keep their length pass; axes of length one that are repeated carry no ids. The repeat of
/// key and value heads under grouped queries is such an axis, and the Reshape after it lets each id stand several times.
/// </summary>
internal sealed class ExpandRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Expand"];

    public string Relation => "X broadcast to a shape: axes that keep their length pass, repeated axes are fixed.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int[] after = c.Dims(node.Output[0])!;
        Layout layout = c.Of(x);
        if (c.Extents.Of(node.Input[1]) is not { } shape)
        {
            if (layout.Groups.Count > 0 || c.Extents.Follows(node.Input[1]))
            {
                c.Unknown(node, "a shape computed in a way that cannot be followed");
                return;
            }

            shape = [];
        }

        int shift = after.Length - c.Rank(x);
        Layout made = layout with { Groups = [.. layout.Groups.Select(g => g.Move(axis => axis + shift))] };
        ShapeInput.Relate(node, c, shape, made, entry => entry + after.Length - shape.Length);
        c.SetOutput(node, 0, made);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        if (s.Extents(node.Input[1]) is { } shape)
        {
            int rank = s.Rank(node.Output[0]);
            ShapeInput.Rewrite(node, s, input: 1, entry => entry + rank - shape.Length, zeroCopies: false);
        }
    }
}
