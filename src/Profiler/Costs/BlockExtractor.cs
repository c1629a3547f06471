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

    public BlockExtractor(OnnxModel source, ValueTable values)
    {
        this.source = source;
        this.values = values;
        index = new GraphIndex(source.Graph);
        constants = new ConstantValues(source.Graph);
    }

    /// <param name="nodes">Nodes of the source graph in its order.</param>
    /// <exception cref="InputException">A value at the border is no tensor.</exception>
    public OnnxModel Extract(IReadOnlyList<NodeProto> nodes)
    {
        var inside = new HashSet<NodeProto>(nodes, ReferenceEqualityComparer.Instance);
        var made = nodes.SelectMany(n => n.Output).Where(o => o.Length > 0).ToHashSet(StringComparer.Ordinal);
        var graph = new GraphProto { Name = "block" };
        var seen = new HashSet<string>(made, StringComparer.Ordinal);
        foreach (string value in nodes.SelectMany(GraphIndex.Reads).Where(seen.Add))
        {
            if (constants.Contains(value))
            {
                AddConstant(graph, value, seen);
            }
            else
            {
                graph.Input.Add(IsolatedModel.Describe(value, values));
            }
        }

        graph.Node.AddRange(nodes.Select(n => n.Clone()));
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

    private void AddConstant(GraphProto graph, string value, HashSet<string> seen)
    {
        if (index.Initializer(value) is { } initializer)
        {
            graph.Initializer.Add(initializer.Clone());
            return;
        }

        NodeProto producer = index.Producer(value)!;
        seen.UnionWith(producer.Output);
        foreach (string input in GraphIndex.Reads(producer).Where(seen.Add))
        {
            AddConstant(graph, input, seen);
        }

        graph.Node.Add(producer.Clone());
    }
}
