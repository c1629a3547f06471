using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Profiler.Layers;

/// <summary>
/// What the runtime executes for a model: layers in order, each source node in exactly one of them or in <see cref="Folded"/>.
/// </summary>
public sealed class ExecutedGraph
{
    private ExecutedGraph(OnnxModel source, ModelProto optimized, IReadOnlyList<Layer> layers, IReadOnlyList<FoldedNode> folded)
    {
        Source = source;
        Optimized = optimized;
        Layers = layers;
        Folded = folded;
    }

    public OnnxModel Source { get; }

    /// <summary>The graph after the runtime's own optimisation.</summary>
    public ModelProto Optimized { get; }

    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Source nodes that are not executed: constants, identities, and what was absorbed into constants.</summary>
    public IReadOnlyList<FoldedNode> Folded { get; }

    /// <summary>Loads the model into the runtime and maps what it made of it. Work and bytes of the layers are 0 until <see cref="Counted"/>.</summary>
    /// <exception cref="InputException">The runtime refuses the model.</exception>
    public static ExecutedGraph Of(OnnxModel model, SessionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelProto optimized = OptimizedModel.Capture(model, settings);
        var names = new SourceNames(model.Graph, optimized.Graph);
        var claims = new NodeClaims(model.Graph, optimized.Graph, names);
        var layers = new List<Layer>(optimized.Graph.Node.Count);
        foreach (NodeProto node in optimized.Graph.Node)
        {
            string first = node.Output.FirstOrDefault(o => o.Length > 0) ?? "";
            string output = names.Of(first) ?? first;
            IReadOnlyList<NodeProto> nodes = claims.Of(node);
            layers.Add(new Layer
            {
                Index = layers.Count,
                Name = nodes.Count > 0 ? Layer.NameOf(nodes[^1]) : $"{node.OpType} {output}",
                Op = node.OpType,
                Output = output,
                Node = node,
                SourceNodes = nodes,
                BlockedInputs = [.. node.Input.Where(i => i.Length > 0 && names.Of(i) != i).Select(names.Of).OfType<string>().Distinct()],
            });
        }

        return new ExecutedGraph(model, optimized, layers, claims.Folded);
    }

    /// <summary>The same graph with work, parameters and bytes filled in.</summary>
    /// <param name="statistics">Of the source model.</param>
    /// <param name="optimizedShapes">Shapes of the optimised graph's values.</param>
    public ExecutedGraph Counted(ModelStatistics statistics, IReadOnlyDictionary<string, ValueShape> optimizedShapes)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        var bySource = statistics.Nodes.ToDictionary<NodeStatistics, NodeProto>(n => n.Node, ReferenceEqualityComparer.Instance);
        var values = new ValueTable(Optimized.Graph, optimizedShapes);
        var constants = Optimized.Graph.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        Layer[] counted = [.. Layers.Select(layer => layer with
        {
            Macs = layer.SourceNodes.Sum(n => bySource[n].Macs),
            Params = layer.SourceNodes.Sum(n => bySource[n].Params),
            BytesMoved = ModelStatistics.BytesMoved(layer.Node, values),
            WeightBytes = GraphIndex.Reads(layer.Node).Distinct(StringComparer.Ordinal).Where(constants.Contains).Sum(values.Bytes),
            ActivationBytes = layer.Node.Output.Where(o => o.Length > 0).Sum(values.Bytes),
        })];
        return new ExecutedGraph(Source, Optimized, counted, Folded);
    }
}
