using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// GroupNormalization: X [N, C, …] in <c>num_groups</c> groups of channels, each normalised on its own, with scale and bias [C] (opset
/// 21) or [groups] (opset 18). A channel counts in the statistics of its group, so that the units are whole groups, which can go
/// exactly.
/// </summary>
internal sealed class GroupNormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["GroupNormalization"];

    public string Relation =>
        "The channels of a group go together, with their scale and bias; num_groups is rewritten. With a single group the channels are "
        + "inexact.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int channels = c.Dims(x)![1];
        int groups = (int)node.GetInt("num_groups", 1);
        if (groups < 1 || channels % groups != 0)
        {
            c.Unknown(node, $"{channels} channels in {groups} groups");
            return;
        }

        Spatial.Freeze(c, x, node);
        int[]? ids = c.Ids(x, 1);
        int perGroup = channels / groups;
        if (groups == 1)
        {
            c.Inexact(ids, $"{node.Describe()}: every channel counts in the result");
        }
        else
        {
            for (int i = 0; i < ids?.Length; i++)
            {
                c.Elements.Union(ids[i], ids[i - (i % perGroup)]);
            }
        }

        foreach (string parameter in node.Input.Skip(1))
        {
            int length = c.Dims(parameter)![0];
            if (length > 1)
            {
                int[]? spread = length == channels ? ids : ids is null ? null : [.. ids.Where((_, i) => i % perGroup == 0)];
                c.Match(spread, c.Of(x).Reason, c.Ids(parameter, 0), c.Of(parameter).Reason);
            }
        }

        c.SetOutput(node, 0, c.Of(x));
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string x = node.Input[0];
        long groups = node.GetInt("num_groups", 1);
        if (groups > 1 && s.IsCut(x, 1))
        {
            node.SetInt("num_groups", s.LengthAfter(x, 1) * groups / s.Length(x, 1));
        }
    }
}
