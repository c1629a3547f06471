using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>Parts of a model between values.</summary>
internal static class SubModel
{
    /// <summary>The part that computes some values from others.</summary>
    /// <param name="model">The whole.</param>
    /// <param name="starts">Values that are given, with their shapes; the first axis is left free.</param>
    /// <param name="outputs">Values that are wanted.</param>
    public static OnnxModel Between(OnnxModel model, IReadOnlyDictionary<string, ValueShape> starts, IEnumerable<string> outputs)
    {
        OnnxModel part = model.Clone();
        GraphProto graph = part.Graph;
        HashSet<string> own = [.. new GraphIndex(graph).Inputs.Select(i => i.Name)];
        foreach (ValueInfoProto input in graph.Input.Where(i => own.Contains(i.Name)).ToList())
        {
            graph.Input.Remove(input);
        }

        // What makes a start is not wanted: the start takes its name.
        foreach (NodeProto node in graph.Node.Where(n => n.Output.Any(starts.ContainsKey)).ToList())
        {
            graph.Node.Remove(node);
        }

        foreach ((string name, ValueShape shape) in starts)
        {
            var dims = new TensorShapeProto();
            dims.Dim.Add(shape.Dims.Select((d, axis) => axis == 0 ? new TensorShapeProto.Types.Dimension { DimParam = "samples" } : new TensorShapeProto.Types.Dimension { DimValue = d }));
            graph.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)shape.Type, Shape = dims } } });
        }

        graph.Output.Clear();
        graph.Output.Add(outputs.Distinct(StringComparer.Ordinal).Select(o => new ValueInfoProto { Name = o }));
        graph.ValueInfo.Clear();
        DeadCode.Remove(graph);
        HashSet<string> read = [.. graph.Node.SelectMany(GraphIndex.Reads), .. graph.Output.Select(o => o.Name)];
        foreach (ValueInfoProto unread in graph.Input.Where(i => starts.ContainsKey(i.Name) && !read.Contains(i.Name)).ToList())
        {
            graph.Input.Remove(unread);
        }

        return part;
    }

    /// <summary>
    /// Values through which everything flows: once such a value is there, nothing before it is read any more. In order, with the place of
    /// the node that makes each.
    /// </summary>
    public static IReadOnlyList<(string Value, int Node)> Necks(GraphProto graph)
    {
        var index = new GraphIndex(graph);
        var lastRead = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int n = 0; n < graph.Node.Count; n++)
        {
            foreach (string read in GraphIndex.Reads(graph.Node[n]))
            {
                lastRead[read] = n;
            }
        }

        foreach (string output in index.Outputs)
        {
            lastRead[output] = graph.Node.Count;
        }

        HashSet<string> live = [.. index.Inputs.Select(i => i.Name)];
        HashSet<string> dependent = [.. live];
        var necks = new List<(string, int)>();
        for (int n = 0; n < graph.Node.Count; n++)
        {
            if (GraphIndex.Reads(graph.Node[n]).Any(dependent.Contains))
            {
                foreach (string output in graph.Node[n].Output.Where(o => o.Length > 0))
                {
                    dependent.Add(output);
                    live.Add(output);
                }
            }

            live.RemoveWhere(v => lastRead.GetValueOrDefault(v, -1) <= n);
            if (live.Count == 1 && live.First() is { } only && graph.Node[n].Output.Contains(only))
            {
                necks.Add((only, n));
            }
        }

        return necks;
    }
}
