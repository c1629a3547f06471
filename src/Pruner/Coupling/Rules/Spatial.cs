using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>What operators on [N, C, spatial…] tensors have in common.</summary>
internal static class Spatial
{
    /// <summary>
    /// Such operators mix neighbours along the spatial axes: ids that run there are frozen. Where they run over the channel axis
    /// too, whole channels can still go.
    /// </summary>
    public static void Freeze(CouplingBuilder c, string value, NodeProto node)
    {
        // Where the channel axis is barred this leaves the units to a spatial one.
        c.Ids(value, 1);
        foreach (AxisIds group in c.Of(value).Groups.Where(g => g.Axes.Any(a => a >= 2)).ToArray())
        {
            c.Freeze(group.Ids, $"{node.Describe()}: spatial axis");
        }
    }

    /// <summary>Output [N, O, …]: the batch axis of <paramref name="input"/>, and <paramref name="channels"/> along axis 1.</summary>
    public static void SetOutput(CouplingBuilder c, NodeProto node, string input, int[]? channels)
    {
        var groups = new List<AxisIds>();
        if (c.Ids(input, 0) is { } batch)
        {
            groups.Add(AxisIds.Single(0, batch));
        }

        if (channels is not null)
        {
            groups.Add(AxisIds.Single(1, channels));
        }

        c.SetOutput(node, 0, new Layout(groups, c.Of(input).Reason));
    }
}
