using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using Google.Protobuf;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// The whole optimised network with one node executed several times more, right after itself. Each copy reads the same values,
/// and copies of the constants in turn; a marker reads its result so that the runtime keeps it no longer than it must.
/// </summary>
/// <param name="Bytes">The model.</param>
/// <param name="Markers">Markers in it.</param>
internal sealed record BoostedModel(byte[] Bytes, int Markers)
{
    private const string Suffix = "@boost";

    /// <param name="model">The optimised model.</param>
    /// <param name="node">One of its nodes, by reference.</param>
    /// <param name="repeats">Executions beyond the network's own.</param>
    /// <param name="weightCopies">Copies of its constants that the repetitions take turns with; 1 keeps them in cache.</param>
    /// <returns>Null where the node has nested graphs, whose values cannot be named twice.</returns>
    public static BoostedModel? Of(ModelProto model, NodeProto node, int repeats, int weightCopies)
    {
        if (GraphIndex.Subgraphs(node).Any())
        {
            return null;
        }

        int position = model.Graph.Node.IndexOf(node);
        ModelProto boosted = model.Clone();
        var initializers = model.Graph.Initializer.ToDictionary(i => i.Name, StringComparer.Ordinal);
        string[] constants = [.. GraphIndex.Reads(node).Distinct(StringComparer.Ordinal).Where(initializers.ContainsKey)];
        int sets = Math.Clamp(weightCopies, 1, repeats);
        for (int set = 1; set < sets; set++)
        {
            foreach (string constant in constants)
            {
                TensorProto copy = initializers[constant].Clone();
                copy.Name = $"{constant}{Suffix}{set}";
                boosted.Graph.Initializer.Add(copy);
            }
        }

        int markers = 0;
        var added = new List<NodeProto>();
        for (int k = 0; k < repeats; k++)
        {
            NodeProto copy = node.Clone();
            copy.Name = $"{Suffix}_{k}";
            int set = k % sets;
            for (int i = 0; i < copy.Input.Count && set > 0; i++)
            {
                copy.Input[i] = initializers.ContainsKey(copy.Input[i]) ? $"{copy.Input[i]}{Suffix}{set}" : copy.Input[i];
            }

            for (int o = 0; o < copy.Output.Count; o++)
            {
                copy.Output[o] = copy.Output[o].Length > 0 ? $"{copy.Output[o]}{Suffix}_{k}" : "";
            }

            added.Add(copy);
            foreach (string result in copy.Output.Where(o => o.Length > 0))
            {
                var marker = new NodeProto { OpType = "Shape", Name = $"{Suffix}_marker_{markers}" };
                marker.Input.Add(result);
                marker.Output.Add(marker.Name);
                added.Add(marker);
                markers++;
            }
        }

        var nodes = boosted.Graph.Node.ToList();
        nodes.InsertRange(position + 1, added);
        boosted.Graph.Node.Clear();
        boosted.Graph.Node.AddRange(nodes);
        return new BoostedModel(boosted.ToByteArray(), markers);
    }
}
