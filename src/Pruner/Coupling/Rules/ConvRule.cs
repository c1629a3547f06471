using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Conv: X [N, C, …], W [O, C/g, k…], B [O] → Y [N, O, …]. Depthwise (one input channel a group) ties each input channel to its
/// outputs; other groups are cut alike, since they must stay of one size.
/// </summary>
internal sealed class ConvRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Conv"];

    public string Relation =>
        "X [N, C, …] and W [O, C/g, k…] share the ids of C; the ids of O, which the bias [O] shares, are those of Y "
        + "[N, O, …]. Depthwise, C and O are tied; otherwise all groups are cut alike.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        string w = node.Input[1];
        int[] kernel = c.Dims(w)!;
        int channels = c.Dims(x)![1];
        int groups = (int)node.GetInt("group", 1);
        for (int axis = 2; axis < kernel.Length; axis++)
        {
            c.FreezeAxis(w, axis, CouplingResult.KernelAxis);
        }

        Spatial.Freeze(c, x, node);
        int[]? input = c.Ids(x, 1);
        int[]? output = c.Ids(w, 0);
        c.Mark(output, SliceRole.Output);
        c.Name(output, UnitKind.Channel);
        if (groups == 1)
        {
            int[]? reads = c.Ids(w, 1);
            c.Mark(reads, SliceRole.Input);
            if (channels > 1)
            {
                c.Match(input, c.Of(x).Reason, reads, c.Of(w).Reason);
            }
        }
        else
        {
            Grouped(c, node, groups, channels, kernel[0], input, output);
        }

        if (node.InputAt(2) is { } bias && kernel[0] > 1)
        {
            c.Match(output, c.Of(w).Reason, c.Ids(bias, 0), c.Of(bias).Reason);
        }

        Spatial.SetOutput(c, node, x, output);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        int groups = (int)node.GetInt("group", 1);
        int before = s.Length(node.Input[0], 1);
        // Only a depthwise convolution loses whole groups.
        if (groups > 1 && groups == before && s.Survivors(node.Input[0], 1) is { } left && left != before)
        {
            node.SetInt("group", left);
        }
    }

    private static void Grouped(CouplingBuilder c, NodeProto node, int groups, int channels, int outputs, int[]? input, int[]? output)
    {
        string x = node.Input[0];
        string w = node.Input[1];
        int perGroup = channels / groups;
        int outPerGroup = outputs / groups;
        if (perGroup == 1)
        {
            if (input is null || output is null)
            {
                c.Freeze(output ?? input ?? [], input is null ? c.Of(x).Reason : c.Of(w).Reason);
                return;
            }

            for (int o = 0; o < outputs; o++)
            {
                c.Elements.Union(input[o / outPerGroup], output[o]);
            }

            return;
        }

        int[]? reads = c.Ids(w, 1);
        c.Mark(reads, SliceRole.Input);
        if (input is null || reads is null)
        {
            c.Freeze(reads ?? input ?? [], input is null ? c.Of(x).Reason : c.Of(w).Reason);
        }
        else
        {
            for (int i = 0; i < channels; i++)
            {
                c.Elements.Union(input[i], reads[i % perGroup]);
            }
        }

        if (outPerGroup == 1)
        {
            c.Freeze(output ?? [], $"{node.Describe()}: one output channel a group");
            return;
        }

        for (int o = 0; o < output?.Length; o++)
        {
            c.Elements.Union(output[o], output[o % outPerGroup]);
        }
    }
}
