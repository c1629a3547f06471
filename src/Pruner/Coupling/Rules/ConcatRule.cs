using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Concat: along its axis the ids of the inputs follow each other; along the others they must agree.</summary>
internal sealed class ConcatRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Concat"];

    public string Relation => "Along the axis the ids of the inputs follow each other; along every other axis the inputs share their ids.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        int rank = c.Rank(node.Output[0]);
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 1), rank);
        var groups = new List<AxisIds>();
        AxisIds? joint = AxisIds.TryJoin([.. node.Input.Select(i => c.Of(i).GroupOf(axis))], axis);
        for (int other = 0; other < rank; other++)
        {
            if (other != axis && joint?.Axes.Contains(other) != true && AgreeAlong(c, node, other) is { } ids)
            {
                groups.Add(AxisIds.Single(other, ids));
            }
        }

        // Axes of length one carry no ids, so a branch of one channel stands as a frozen place.
        if (joint is not null)
        {
            groups.Add(joint);
        }
        else if (node.Input.Any(i => c.Of(i).GroupOf(axis) is not null))
        {
            var ids = new List<int>();
            foreach (string input in node.Input)
            {
                if (c.Ids(input, axis) is { } own)
                {
                    ids.AddRange(own);
                    continue;
                }

                int[] places = c.Elements.Add(c.Dims(input)![axis]);
                c.Freeze(places, c.Of(input).Reason);
                ids.AddRange(places);
            }

            groups.Add(AxisIds.Single(axis, [.. ids]));
        }

        c.SetOutput(node, 0, new Layout(groups, c.Of(node.Input[0]).Reason));
    }

    private static int[]? AgreeAlong(CouplingBuilder c, NodeProto node, int axis)
    {
        int[]? first = null;
        foreach (string input in node.Input)
        {
            first ??= c.Ids(input, axis);
        }

        if (first is null)
        {
            return null;
        }

        foreach (string input in node.Input)
        {
            c.Match(first, "", c.Ids(input, axis), c.Of(input).Reason);
        }

        return first;
    }
}
