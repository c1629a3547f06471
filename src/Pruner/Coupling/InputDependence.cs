using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling;

/// <summary>Which values depend on what is fed to the model, and not merely on its shape.</summary>
internal static class InputDependence
{
    /// <summary>Names of these values, graph inputs included. The nodes of the graph must be in order.</summary>
    public static HashSet<string> Of(GraphIndex index)
    {
        HashSet<string> live = index.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        foreach (NodeProto node in index.Graph.Node)
        {
            if (!(node.IsStandard() && node.OpType is "Shape" or "Size") && GraphIndex.Reads(node).Any(live.Contains))
            {
                live.UnionWith(node.Output);
            }
        }

        live.Remove("");
        return live;
    }
}
