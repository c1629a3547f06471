using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Layers;

/// <summary>The executed graph with every value that it computes on given inputs, values in blocked layout included.</summary>
internal sealed class ExecutedValues : IDisposable
{
    private readonly NamedValues computed;

    private ExecutedValues(ExecutedGraph graph, NamedValues computed, IReadOnlyDictionary<string, OrtValue> values, ValueTable table)
    {
        this.computed = computed;
        Graph = graph;
        Values = values;
        Table = table;
    }

    public ExecutedGraph Graph { get; }

    public IReadOnlyDictionary<string, OrtValue> Values { get; }

    public ValueTable Table { get; }

    public long PeakActivationBytes => ActivationMemory.Peak(Graph.Optimized.Graph, Table.Bytes);

    public static ExecutedValues Of(
        OnnxModel model, ModelStatistics statistics, IReadOnlyDictionary<string, OrtValue> inputs, SessionSettings settings)
    {
        ExecutedGraph graph = ExecutedGraph.Of(model, settings);
        NamedValues computed = Compute(graph.Optimized, inputs, settings, model.Path ?? "the model");
        var values = new Dictionary<string, OrtValue>(inputs, StringComparer.Ordinal);
        var shapes = new Dictionary<string, ValueShape>(StringComparer.Ordinal);
        foreach ((string name, OrtValue value) in computed)
        {
            values[name] = value;
        }

        foreach ((string name, OrtValue value) in values.Where(v => v.Value.IsTensor))
        {
            OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
            shapes[name] = new ValueShape(info.ElementDataType, info.Shape);
        }

        ExecutedGraph counted = graph.Counted(statistics, shapes);
        return new ExecutedValues(counted, computed, values, new ValueTable(counted.Optimized.Graph, shapes));
    }

    public void Dispose() => computed.Dispose();

    private static NamedValues Compute(
        ModelProto optimized, IReadOnlyDictionary<string, OrtValue> inputs, SessionSettings settings, string source)
    {
        ModelProto exposed = optimized.Clone();
        var known = exposed.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string output in optimized.Graph.Node.SelectMany(n => n.Output).Where(o => o.Length > 0 && known.Add(o)))
        {
            // Without a type: the runtime's own inference fills it in.
            exposed.Graph.Output.Add(new ValueInfoProto { Name = output });
        }

        using var session = ModelSession.Create(
            exposed.ToByteArray(), source, settings with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL });
        return session.Run(inputs);
    }
}
