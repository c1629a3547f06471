using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Timing;

namespace EdgePrune.Profiler.Costs;

/// <summary>Takes some nodes out of a model as a model of their own.</summary>
internal sealed class BlockExtractor
{
    private readonly OnnxModel source;
    private readonly ValueTable values;
    private readonly GraphIndex index;
    private readonly ConstantValues constants;

    // Nodes that follow from the shapes of values alone, and their places in the graph.
    private readonly Dictionary<NodeProto, int> places = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> ofShapes = new(StringComparer.Ordinal);

    public BlockExtractor(OnnxModel source, ValueTable values)
    {
        this.source = source;
        this.values = values;
        index = new GraphIndex(source.Graph);
        constants = new ConstantValues(source.Graph);
        foreach (NodeProto node in source.Graph.Node)
        {
            places[node] = places.Count;
            string[] reads = [.. GraphIndex.Reads(node)];
            if (node.IsStandard() && (node.OpType is "Shape" or "Size" || (reads.Any(ofShapes.Contains) && reads.All(r => ofShapes.Contains(r) || constants.Contains(r)))))
            {
                ofShapes.UnionWith(node.Output);
            }
        }
    }

    /// <summary>
    /// The block of some nodes. What they read that follows from the shapes of values (where a Reshape goes, say) is computed in the block
    /// as in the network: as an input of its own it would be a number that nothing ties to the block's widths.
    /// </summary>
    /// <param name="nodes">Nodes of the source graph in its order.</param>
    /// <exception cref="InputException">A value at the border is no tensor.</exception>
    public OnnxModel Extract(IReadOnlyList<NodeProto> nodes)
    {
        var inside = new HashSet<NodeProto>(nodes, ReferenceEqualityComparer.Instance);
        var made = nodes.SelectMany(n => n.Output).Where(o => o.Length > 0).ToHashSet(StringComparer.Ordinal);
        var graph = new GraphProto { Name = "block" };
        var taken = new HashSet<NodeProto>(nodes, ReferenceEqualityComparer.Instance);
        var seen = new HashSet<string>(made, StringComparer.Ordinal);
        foreach (string value in nodes.SelectMany(GraphIndex.Reads))
        {
            Add(graph, value, seen, taken);
        }

        graph.Node.AddRange(taken.OrderBy(n => places[n]).Select(n => n.Clone()));
        string[] results = [.. made.Where(v => index.Outputs.Contains(v) || index.Consumers(v).Any(c => !inside.Contains(c)))];
        foreach (string output in results.Length > 0 ? results : [nodes[^1].Output[0]])
        {
            graph.Output.Add(IsolatedModel.Describe(output, values));
        }

        var model = new ModelProto { IrVersion = source.Proto.IrVersion, Graph = graph };
        model.OpsetImport.AddRange(source.Proto.OpsetImport);
        model.Functions.AddRange(source.Proto.Functions);
        return OnnxModel.FromProto(model, $"the block of {Layer.NameOf(nodes[^1])}");
    }

    private void Add(GraphProto graph, string value, HashSet<string> seen, HashSet<NodeProto> taken)
    {
        if (!seen.Add(value))
        {
            return;
        }

        if (index.Initializer(value) is { } initializer)
        {
            graph.Initializer.Add(initializer.Clone());
        }
        else if (constants.Contains(value) || ofShapes.Contains(value))
        {
            NodeProto producer = index.Producer(value)!;
            seen.UnionWith(producer.Output);
            taken.Add(producer);
            foreach (string input in GraphIndex.Reads(producer))
            {
                Add(graph, input, seen, taken);
            }
        }
        else
        {
            graph.Input.Add(IsolatedModel.Describe(value, values));
        }
    }
}
