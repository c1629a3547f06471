using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Profiler.Layers;

/// <summary>Peak memory of activations by liveness: a value lives from the node that makes it to the last one that reads it.</summary>
public static class ActivationMemory
{
    /// <param name="graph">Nodes in execution order.</param>
    /// <param name="bytes">Bytes of a value.</param>
    /// <returns>Bytes; weights are not counted, inputs and outputs of the graph are. No reuse in place is assumed.</returns>
    public static long Peak(GraphProto graph, Func<string, long> bytes)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(bytes);
        var constants = graph.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var lastUse = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            foreach (string input in GraphIndex.Reads(graph.Node[i]))
            {
                lastUse[input] = i;
            }
        }

        foreach (ValueInfoProto output in graph.Output)
        {
            lastUse[output.Name] = int.MaxValue;
        }

        // The caller holds the inputs during the whole run.
        var held = graph.Input.Select(i => i.Name).Where(i => !constants.Contains(i)).ToHashSet(StringComparer.Ordinal);
        long live = held.Sum(bytes);
        long peak = live;
        for (int i = 0; i < graph.Node.Count; i++)
        {
            NodeProto node = graph.Node[i];
            live += node.Output.Where(o => o.Length > 0).Sum(bytes);
            peak = Math.Max(peak, live);
            live -= GraphIndex.Reads(node).Distinct(StringComparer.Ordinal)
                .Where(v => lastUse[v] == i && !constants.Contains(v) && !held.Contains(v)).Sum(bytes);
            live -= node.Output.Where(o => o.Length > 0 && !lastUse.ContainsKey(o)).Sum(bytes);
        }

        return peak;
    }
}
