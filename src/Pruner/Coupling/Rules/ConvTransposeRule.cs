using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>ConvTranspose: X [N, C, …], W [C, O/g, k…], B [O] → Y [N, O, …]. Ungrouped, or depthwise.</summary>
internal sealed class ConvTransposeRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["ConvTranspose"];

    public string Relation =>
        "X [N, C, …] and W [C, O/g, k…] share the ids of C; the ids of O, which the bias [O] shares, are those of Y "
        + "[N, O, …].";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        string w = node.Input[1];
        int[] kernel = c.Dims(w)!;
        int groups = (int)node.GetInt("group", 1);
        bool depthwise = groups > 1 && groups == kernel[0] && kernel[1] == 1;
        if (groups > 1 && !depthwise)
        {
            c.Unknown(node, "grouped, not depthwise");
            return;
        }

        for (int axis = 2; axis < kernel.Length; axis++)
        {
            c.FreezeAxis(w, axis, CouplingResult.KernelAxis);
        }

        Spatial.Freeze(c, x, node);
        int[]? reads = c.Ids(w, 0);
        int[]? output = depthwise ? reads : c.Ids(w, 1);
        c.Mark(reads, SliceRole.Input);
        c.Mark(output, SliceRole.Output);
        c.Name(output, UnitKind.Channel);
        if (kernel[0] > 1)
        {
            c.Match(c.Ids(x, 1), c.Of(x).Reason, reads, c.Of(w).Reason);
        }

        if (node.InputAt(2) is { } bias && c.Dims(bias)![0] > 1)
        {
            c.Match(output, c.Of(w).Reason, c.Ids(bias, 0), c.Of(bias).Reason);
        }

        Spatial.SetOutput(c, node, x, output);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        if (node.GetInt("group", 1) > 1 && s.Survivors(node.Input[0], 1) is { } left)
        {
            node.SetInt("group", left);
        }
    }
}
