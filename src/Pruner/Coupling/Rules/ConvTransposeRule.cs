using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// ConvTranspose: X [N, C, …], W [C, O/g, k…], B [O] → Y [N, O, …]. Grouped, the ids of O/g stand on the output once for each group;
/// depthwise, and where whole groups are wanted as units, the ids of a group's inputs are those of its outputs.
/// </summary>
internal sealed class ConvTransposeRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["ConvTranspose"];

    public string Relation =>
        "X [N, C, …] and W [C, O/g, k…] share the ids of C; the ids of O/g, once for each group, are those of Y [N, O, …], which the bias "
        + "[O] shares. Depthwise, C and O are tied; otherwise all groups are cut alike, or whole groups are units where they are asked for.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        string w = node.Input[1];
        int[] kernel = c.Dims(w)!;
        int groups = (int)node.GetInt("group", 1);
        if (!WeightChain.IsMasked(c, w))
        {
            if (c.Sources.ContainsKey(x))
            {
                c.Unknown(node, "computed weights over parameters");
                return;
            }

            c.MaskValue(x, 1);
        }

        for (int axis = 2; axis < kernel.Length; axis++)
        {
            c.FreezeAxis(w, axis, CouplingResult.KernelAxis);
        }

        Spatial.Freeze(c, x, node);

        int[]? reads = c.Ids(w, 0);
        c.Mark(reads, SliceRole.Input);
        if (kernel[0] > 1)
        {
            c.Match(c.Ids(x, 1), c.Of(x).Reason, reads, c.Of(w).Reason);
        }

        int[]? output = Outputs(c, node, w, kernel, groups, reads);
        c.Name(output, UnitKind.Channel);
        if (groups > 1 && groups < kernel[0] && c.Options.Names(UnitKind.ConvolutionGroup))
        {
            c.Name(reads, UnitKind.ConvolutionGroup);
        }

        if (node.InputAt(2) is { } bias && c.Dims(bias)![0] > 1)
        {
            c.Match(output, c.Of(w).Reason, c.Ids(bias, 0), c.Of(bias).Reason);
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

    private static int[]? Outputs(CouplingBuilder c, NodeProto node, string w, int[] kernel, int groups, int[]? reads)
    {
        if (groups == 1)
        {
            int[]? made = c.Ids(w, 1);
            c.Mark(made, SliceRole.Output);
            return made;
        }

        if (groups == kernel[0] || c.Options.Names(UnitKind.ConvolutionGroup))
        {
            c.FreezeAxis(w, 1, $"{node.Describe()}: whole groups are cut");
            if (reads is not null)
            {
                ConvolutionGroups.Tie(c, reads, groups);
            }

            int size = kernel[0] / groups;
            return reads is null ? null : [.. Enumerable.Range(0, groups * kernel[1]).Select(o => reads[o / kernel[1] * size])];
        }

        // All groups alike: an input channel goes with those of its place in the other groups.
        int perGroup = kernel[0] / groups;
        for (int i = 0; i < reads?.Length; i++)
        {
            c.Elements.Union(reads[i % perGroup], reads[i]);
        }

        int[]? own = c.Ids(w, 1);
        c.Mark(own, SliceRole.Output);
        return own is null ? null : [.. Enumerable.Range(0, groups).SelectMany(_ => own)];
    }
}
