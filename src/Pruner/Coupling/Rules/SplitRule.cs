using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Split: the ids along its axis are dealt out to the outputs.</summary>
internal sealed class SplitRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Split"];

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), c.Rank(x));
        if (c.Of(x).GroupOf(axis) is not null && node.InputAt(1) is { } sizes && c.Index.Constant(sizes) is null)
        {
            c.Unknown(node, "sizes computed when the model runs");
            return;
        }

        int[]? ids = c.Ids(x, axis);
        Layout layout = c.Of(x);
        int start = 0;
        for (int i = 0; i < node.Output.Count; i++)
        {
            int length = c.Dims(node.Output[i])?[axis] ?? 0;
            Layout own = layout with { Groups = [.. layout.Groups.Where(g => !g.Axes.Contains(axis))] };
            if (ids is not null)
            {
                // Nothing tells the length of an output that nobody reads and that the probe did not see.
                if (length == 0)
                {
                    c.Unknown(node, "an output without a shape");
                    return;
                }

                own = length > 1 ? own.With(AxisIds.Single(axis, ids[start..(start + length)])) : own;
                if (length == 1)
                {
                    c.Freeze([ids[start]], $"{node.Describe()}: an output of one index");
                }
            }

            c.Set(node.Output[i], own);
            start += length;
        }
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string x = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), s.Rank(x));
        if (!s.IsCut(x, axis))
        {
            return;
        }

        long[] sizes = [.. node.Output.Select(o => (long)s.LengthAfter(o, axis))];
        if (s.Opset < 13)
        {
            node.SetInts("split", sizes);
            return;
        }

        // From opset 18 the number of equal parts may stand instead of their sizes; now they need not be equal.
        if (node.Find("num_outputs") is { } equal)
        {
            node.Attribute.Remove(equal);
        }

        string name = s.AddInts($"{node.Output[0]}_split", sizes);
        if (node.Input.Count > 1)
        {
            node.Input[1] = name;
        }
        else
        {
            node.Input.Add(name);
        }
    }
}
