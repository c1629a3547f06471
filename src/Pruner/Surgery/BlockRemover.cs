using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery;

/// <summary>Takes blocks and layers out of a graph: what read them reads what is kept in their place.</summary>
internal static class BlockRemover
{
    /// <summary>A copy of a model without blocks; what nothing reads any more is gone.</summary>
    /// <exception cref="InputException">A sum would lose all its operands, or an output would depend on no input.</exception>
    public static OnnxModel Remove(OnnxModel model, IReadOnlyCollection<RemovedBlock> blocks)
    {
        OnnxModel copy = model.Clone();
        GraphProto graph = copy.Graph;
        var index = new GraphIndex(graph);
        HashSet<string> live = InputDependence.Of(index);
        HashSet<string> captured = [.. graph.Node.SelectMany(n => GraphIndex.Reads(n).Except(n.Input))];
        var replaced = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var own in blocks.GroupBy(b => b.Output))
        {
            NodeProto node = index.Producer(own.Key) ?? throw new InputException($"'{Printable.Name(own.Key)}' is no value of this model");
            string[] kept = Kept(node, [.. own]);
            if (kept.Length > 1)
            {
                node.Input.Clear();
                node.Input.Add(kept);
            }
            else if (index.Outputs.Contains(own.Key) || captured.Contains(own.Key))
            {
                // The name must live on: callers and nested graphs know it.
                node.OpType = "Identity";
                node.Attribute.Clear();
                node.Input.Clear();
                node.Input.Add(kept[0]);
            }
            else
            {
                replaced[own.Key] = kept[0];
            }
        }

        foreach (NodeProto node in graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                while (replaced.TryGetValue(node.Input[i], out string? other))
                {
                    node.Input[i] = other;
                }
            }
        }

        HashSet<string> liveAfter = InputDependence.Of(new GraphIndex(graph));
        if (graph.Output.FirstOrDefault(o => live.Contains(o.Name) && !liveAfter.Contains(o.Name)) is { } lost)
        {
            throw new InputException($"without these blocks output '{Printable.Name(lost.Name)}' would depend on no input");
        }

        DeadCode.Remove(graph);
        return copy;
    }

    private static string[] Kept(NodeProto node, RemovedBlock[] blocks)
    {
        if (blocks[0].Kind == UnitKind.Layer)
        {
            return [node.Input[0]];
        }

        var gone = blocks.Select(b => b.Branch).ToHashSet(StringComparer.Ordinal);
        string[] kept = [.. node.Input.Where(i => !gone.Contains(i))];
        return node.OpType is "Add" or "Sum" && kept.Length > 0 && kept.Length + gone.Count == node.Input.Count
            ? kept
            : throw new InputException($"{node.Describe()} would lose {(kept.Length == 0 ? "all its operands" : "what is none of its operands")}: at least one must stay");
    }
}
