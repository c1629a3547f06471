using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Conv: X [N, C, …], W [O, C/g, k…], B [O] → Y [N, O, …], and its integer forms. Depthwise (one input channel a group, of at least
/// two) ties each input channel to its outputs; other groups are cut alike, since they must stay of one size. Where whole groups are
/// wanted as units, all channels of a group are tied and <c>group</c> shrinks.
/// </summary>
internal sealed class ConvRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Conv", "ConvInteger", "QLinearConv"];

    public string Relation =>
        "X [N, C, …] and W [O, C/g, k…] share the ids of C; the ids of O, which bias, scales and zero points [O] share, are those of Y "
        + "[N, O, …]. Depthwise, C and O are tied; otherwise all groups are cut alike, or whole groups are units where they are asked for.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        string w = node.Input[node.OpType == "QLinearConv" ? 3 : 1];
        if (!WeightChain.IsMasked(c, w))
        {
            if (node.OpType != "Conv" || c.Sources.ContainsKey(x))
            {
                c.Unknown(node, node.OpType == "Conv" ? "computed weights over parameters" : "computed integer weights");
                return;
            }

            c.MaskValue(x, 1);
        }

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
        else if (channels == groups || c.Options.Names(UnitKind.ConvolutionGroup))
        {
            WholeGroups(c, node, w, groups, input, output);
        }
        else
        {
            AlikeGroups(c, node, w, groups, input, output);
        }

        foreach (string parameter in PerOutput(node).Where(p => kernel[0] > 1 && c.Dims(p)! is [> 1]))
        {
            c.Match(output, c.Of(w).Reason, c.Ids(parameter, 0), c.Of(parameter).Reason);
        }

        Spatial.SetOutput(c, node, x, output);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        int groups = (int)node.GetInt("group", 1);
        if (groups > 1)
        {
            node.SetInt("group", ConvolutionGroups.Left(s, node.Input[0], groups));
        }
    }

    // Bias, scales and zero points of the weights.
    private static IEnumerable<string> PerOutput(NodeProto node)
    {
        int[] places = node.OpType switch
        {
            "Conv" => [2],
            "ConvInteger" => [3],
            _ => [4, 5, 8],
        };
        return places.Select(node.InputAt).OfType<string>();
    }

    // A channel of a depthwise convolution is a group of its own.
    private static void WholeGroups(CouplingBuilder c, NodeProto node, string w, int groups, int[]? input, int[]? output)
    {
        string reason = $"{node.Describe()}: whole groups are cut";
        c.FreezeAxis(w, 1, reason);
        if (input is null || output is null)
        {
            c.Freeze(output ?? input ?? [], input is null ? c.Of(node.Input[0]).Reason : c.Of(w).Reason);
            return;
        }

        ConvolutionGroups.Tie(c, input, groups);
        ConvolutionGroups.Tie(c, output, groups);
        for (int g = 0; g < groups; g++)
        {
            c.Elements.Union(input[g * (input.Length / groups)], output[g * (output.Length / groups)]);
        }

        if (input.Length > groups)
        {
            c.Name(input, UnitKind.ConvolutionGroup);
        }
    }

    private static void AlikeGroups(CouplingBuilder c, NodeProto node, string w, int groups, int[]? input, int[]? output)
    {
        int[]? reads = c.Ids(w, 1);
        c.Mark(reads, SliceRole.Input);
        if (input is null || reads is null)
        {
            c.Freeze(reads ?? input ?? [], input is null ? c.Of(node.Input[0]).Reason : c.Of(w).Reason);
        }
        else
        {
            for (int i = 0; i < input.Length; i++)
            {
                c.Elements.Union(input[i], reads[i % reads.Length]);
            }
        }

        int outPerGroup = (output?.Length ?? 0) / groups;
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
