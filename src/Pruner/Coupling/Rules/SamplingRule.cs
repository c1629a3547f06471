using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Operators that sample each channel of a picture alike, at places that another input names: RoiAlign and MaxRoiPool (regions),
/// GridSample (a grid).
/// </summary>
internal sealed class SamplingRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["GridSample", "MaxRoiPool", "RoiAlign"];

    public string Relation => "X [N, C, …]: C passes, since all channels are sampled alike; the other axes, and the places, are frozen.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        foreach (string places in node.Input.Skip(1).Where(i => i.Length > 0))
        {
            c.FreezeAll(places, $"{node.Describe()}: places to sample at");
        }

        Spatial.Freeze(c, x, node);
        int[]? channels = c.Ids(x, 1);
        c.FreezeAxis(x, 0, $"{node.Describe()}: regions name indices of this axis");
        c.SetOutput(node, 0, new Layout(channels is null ? [] : [AxisIds.Single(1, channels)], c.Of(x).Reason));
    }
}
