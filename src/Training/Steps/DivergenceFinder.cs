using System.Numerics;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Gradients;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// Finds where a step first leaves the finite numbers: does it again, unoptimised, with a check behind every node. The checks are
/// part of the graph, so that one number a value leaves it; still it takes several times the memory and time of a step.
/// </summary>
public static class DivergenceFinder
{
    /// <summary>
    /// The first value with a NaN or an infinity that reaches the loss or a new parameter, or null where there is none. Infinities
    /// that a network means, as in the mask of an attention, reach nothing: behind them stands a Softmax or a minimum.
    /// </summary>
    /// <param name="step">
    /// The step. Its last run is looked at, from the parameters as they stood before it; where it has not run since it was made
    /// or restored, the run that would come next. Nothing of it is changed.
    /// </param>
    /// <param name="batch">The batch of that run.</param>
    /// <param name="learningRate">The learning rate of that run.</param>
    /// <exception cref="InputException">The batch does not fit the step, or the runtime fails, for example for lack of memory.</exception>
    public static Divergence? Find(TrainingStep step, IReadOnlyDictionary<string, OrtValue> batch, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(step);
        StepGraph graph = step.Graph;
        IReadOnlyDictionary<string, OrtValue> inputs = step.LastInputs(batch, learningRate);
        var index = new GraphIndex(graph.Forward.Proto.Graph);
        foreach (StepInput input in graph.Forward.Inputs)
        {
            if (Inspect(inputs[input.Name], new ValueOrigin(StepPart.Batch, ""), input.Name) is { } found)
            {
                return found;
            }
        }

        foreach (StepVariable variable in graph.Variables)
        {
            string reader = index.Consumers(variable.Input) is [NodeProto node, ..] ? Subject(graph, node.Output[0], node) : "";
            if (Inspect(inputs[variable.Input], new ValueOrigin(StepPart.Parameter, reader), variable.Name) is { } found)
            {
                return found;
            }
        }

        return InGraph(graph, inputs);
    }

    private static Divergence? InGraph(StepGraph graph, IReadOnlyDictionary<string, OrtValue> inputs)
    {
        var settings = new SessionSettings { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL };
        ModelProto proto = graph.Forward.Proto.Clone();
        IReadOnlyList<ModelInput> values = Real(proto, settings);
        var w = new GraphWriter(proto.Graph, graph.Forward.Writer.Opset);

        // x − x is zero where x is finite and NaN elsewhere; so is its sum.
        string[] flags = [.. values.Select(v => w.Reshape(w.Cast(w.SumAll(w.Sub(v.Name, v.Name)), DataType.Float), 1))];
        string all = w.Concat(flags, 0);
        proto.Graph.Output.Clear();
        proto.Graph.Output.Add(new ValueInfoProto { Name = all });
        bool[] finite = Flags(proto, settings, inputs, all);
        HashSet<string> bad = [.. values.Where((_, i) => !finite[i]).Select(v => v.Name)];
        if (First(graph.Forward.Proto.Graph, bad) is not { } value)
        {
            return null;
        }

        proto.Graph.Output[0].Name = value;
        using ModelSession session = ModelSession.Create(proto.ToByteArray(), graph.Forward.Source, settings);
        using NamedValues results = session.Run(Fed(session, inputs));
        NodeProto maker = new GraphIndex(proto.Graph).Producer(value)!;
        ValueOrigin origin = graph.Forward.Writer.Origins.GetValueOrDefault(value) ?? new ValueOrigin(StepPart.Forward, maker.Describe());
        return Inspect(results[value], origin, value);
    }

    // Goes back from what leaves the step along values that are not finite.
    private static string? First(GraphProto graph, HashSet<string> bad)
    {
        HashSet<string> reached = [.. graph.Output.Select(o => o.Name).Where(bad.Contains)];
        string? first = null;
        foreach (NodeProto node in graph.Node.Reverse())
        {
            if (node.Output.FirstOrDefault(reached.Contains) is { } output)
            {
                first = output;
                reached.UnionWith(GraphIndex.Reads(node).Where(bad.Contains));
            }
        }

        return first;
    }

    private static bool[] Flags(ModelProto proto, SessionSettings settings, IReadOnlyDictionary<string, OrtValue> inputs, string flags)
    {
        using ModelSession session = ModelSession.Create(proto.ToByteArray(), "the search for what is not finite", settings);
        using NamedValues results = session.Run(Fed(session, inputs));
        return Array.ConvertAll(results[flags].GetTensorDataAsSpan<float>().ToArray(), float.IsFinite);
    }

    // The types of what nodes compute, as the runtime infers them.
    private static IReadOnlyList<ModelInput> Real(ModelProto proto, SessionSettings settings)
    {
        ModelProto exposed = proto.Clone();
        exposed.Graph.Output.Clear();
        exposed.Graph.Output.Add(proto.Graph.Node.SelectMany(n => n.Output).Where(o => o.Length > 0).Select(o => new ValueInfoProto { Name = o }));
        using ModelSession session = ModelSession.Create(exposed.ToByteArray(), "the search for what is not finite", settings);
        return [.. session.Outputs.Where(o => o.Type is TensorElementType.Float or TensorElementType.Double)];
    }

    // An input that nothing reads any more is none of the session's.
    private static Dictionary<string, OrtValue> Fed(ModelSession session, IReadOnlyDictionary<string, OrtValue> inputs) =>
        session.Inputs.ToDictionary(i => i.Name, i => inputs[i.Name], StringComparer.Ordinal);

    private static string Subject(StepGraph graph, string value, NodeProto node) =>
        graph.Forward.Writer.Origins.TryGetValue(value, out ValueOrigin? origin) ? origin.Subject : node.Describe();

    private static Divergence? Inspect(OrtValue value, ValueOrigin origin, string name) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Float => Inspect(value.GetTensorDataAsSpan<float>(), origin, name),
        TensorElementType.Double => Inspect(value.GetTensorDataAsSpan<double>(), origin, name),
        _ => null,
    };

    private static Divergence? Inspect<T>(ReadOnlySpan<T> values, ValueOrigin origin, string name)
        where T : IFloatingPointIeee754<T>
    {
        (long nan, long infinite, long first) = (0, 0, -1);
        for (int i = 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i]))
            {
                first = first < 0 ? i : first;
                nan += T.IsNaN(values[i]) ? 1 : 0;
                infinite += T.IsNaN(values[i]) ? 0 : 1;
            }
        }

        return first < 0 ? null : new Divergence(origin.Part, origin.Subject, name, nan, infinite, values.Length, first);
    }
}
