using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Profiler.Layers;

/// <summary>What one source node costs on paper.</summary>
/// <param name="Node">The node of the model's graph.</param>
/// <param name="Macs">Multiply-accumulates, see <see cref="MacCounter"/>.</param>
/// <param name="Params">Parameters; one that several nodes share counts at the first.</param>
/// <param name="Bytes">Bytes read and written: activations, parameters and other constants, results.</param>
public sealed record NodeStatistics(NodeProto Node, long Macs, long Params, long Bytes)
{
    /// <summary>The values that <see cref="Params"/> counts.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];
}

/// <summary>Size and work of a model on paper, without timing anything.</summary>
/// <param name="Params">Parameters as the field counts them; running statistics of a normalisation are none.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="Bytes">Bytes of all initializers.</param>
/// <param name="PeakActivationBytes">Peak of the live activations in the order of the source graph.</param>
/// <param name="Nodes">One entry for each node of the graph, in its order.</param>
public sealed record ModelStatistics(
    long Params, long Macs, long Bytes, long PeakActivationBytes, IReadOnlyList<NodeStatistics> Nodes)
{
    /// <summary>Counts a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shapes">Shapes of all its values; probed where null.</param>
    public static ModelStatistics Of(OnnxModel model, IReadOnlyDictionary<string, ValueShape>? shapes = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Of(model.Graph, new ValueTable(model.Graph, shapes ?? ShapeProbe.Run(model)));
    }

    internal static ModelStatistics Of(GraphProto graph, ValueTable values)
    {
        var constants = new ConstantValues(graph);
        var counted = new HashSet<string>(StringComparer.Ordinal);
        var nodes = new List<NodeStatistics>(graph.Node.Count);
        foreach (NodeProto node in graph.Node)
        {
            string[] parameters = [.. constants.ParametersOf(node, values).Where(counted.Add)];
            nodes.Add(new NodeStatistics(node, MacCounter.Count(node, values), parameters.Sum(values.Elements), BytesMoved(node, values)) { Parameters = parameters });
        }

        return new ModelStatistics(
            nodes.Sum(n => n.Params),
            nodes.Sum(n => n.Macs),
            graph.Initializer.Sum(i => values.Bytes(i.Name)),
            ActivationMemory.Peak(graph, v => constants.Contains(v) ? 0 : values.Bytes(v)),
            nodes);
    }

    internal static long BytesMoved(NodeProto node, ValueTable values) =>
        GraphIndex.Reads(node).Distinct(StringComparer.Ordinal).Sum(values.Bytes)
        + node.Output.Where(o => o.Length > 0).Sum(values.Bytes);
}
