using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Tile: the ids of an axis that is repeated stand as often on the output.</summary>
internal sealed class TileRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Tile"];

    public string Relation => "Y repeats X along each axis, and its ids stand as often; the repeats must be constant.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        if (c.Of(x).Groups.Count == 0)
        {
            c.SetOutput(node, 0, c.Of(x));
            return;
        }

        if (c.Extents.Numbers(node.InputAt(1)) is not { } repeats || repeats.Length != c.Rank(x) || repeats.Any(r => r < 1))
        {
            c.Unknown(node, "repeats computed when the model runs");
            return;
        }

        for (int axis = 0; axis < repeats.Length; axis++)
        {
            if (repeats[axis] > 1)
            {
                c.Ids(x, axis);
            }
        }

        Layout layout = c.Of(x);
        c.SetOutput(node, 0, layout with
        {
            Groups = [.. layout.Groups.Select(g => g.IsSingle
                ? AxisIds.Single(g.Axes[0], [.. Enumerable.Repeat(g.Ids, (int)repeats[g.Axes[0]]).SelectMany(ids => ids)])
                : g)],
        });
    }
}
