using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Surgery.Constants;

/// <summary>
/// Values of a model whose removed units have zeros for the weights that make them, as ONNX Runtime computes them on two
/// different random inputs.
/// </summary>
internal sealed class ConstantValues : IDisposable
{
    // A constant that reaches the reader through sums of different length may differ in the last bits.
    private const double Rounding = 1e-6;

    private readonly ConstantFacts facts;
    private readonly GraphIndex index;
    private readonly NamedValues first;
    private readonly NamedValues second;
    private readonly IReadOnlyDictionary<string, TensorProto> zeroed;
    private readonly Dictionary<(string Value, int Axis), double?[]> uniform = [];
    private readonly Dictionary<(string Value, int Axis), bool[]> zeros = [];

    private ConstantValues(ConstantFacts facts, GraphIndex index, NamedValues first, NamedValues second, IReadOnlyDictionary<string, TensorProto> zeroed)
    {
        this.facts = facts;
        this.index = index;
        this.first = first;
        this.second = second;
        this.zeroed = zeroed;
    }

    /// <summary>Evaluates.</summary>
    /// <param name="model">The original, or the original with single weights masked.</param>
    /// <param name="facts">What is known of its graph.</param>
    /// <param name="units">Units whose makers become zero.</param>
    /// <param name="wanted">Values that will be asked for, besides parameters that stand in the file.</param>
    public static ConstantValues Of(OnnxModel model, ConstantFacts facts, IEnumerable<Unit> units, IEnumerable<string> wanted)
    {
        ModelProto proto = model.Proto.Clone();
        var index = new GraphIndex(model.Graph);
        var zeroed = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach (var slices in units.SelectMany(u => u.Slices).Where(s => s.Role == SliceRole.Output).GroupBy(s => s.Tensor))
        {
            zeroed[slices.Key] = Zero(index, slices.Key, slices);
        }

        Replace(proto.Graph, zeroed);
        proto.Graph.Output.Clear();
        proto.Graph.Output.AddRange(wanted.Where(w => !zeroed.ContainsKey(w)).Distinct(StringComparer.Ordinal).Select(name => new ValueInfoProto { Name = name }));
        var shapes = facts.Index.Inputs.ToDictionary(i => i.Name, i => facts.Coupling.Context.Shapes[i.Name].Dims, StringComparer.Ordinal);
        if (proto.Graph.Output.Count == 0)
        {
            return new ConstantValues(facts, index, new NamedValues([]), new NamedValues([]), zeroed);
        }

        using var session = ModelSession.CreatePlain(proto, model.Source);
        using NamedValues one = SyntheticInputs.Make(session.Inputs, seed: 1, shapes);
        using NamedValues other = SyntheticInputs.Make(session.Inputs, seed: 2, shapes);
        return new ConstantValues(facts, index, session.Run(one), session.Run(other), zeroed);
    }

    /// <summary>True where all weights at an index of an axis of a constant value are zero.</summary>
    public bool IsZero(string weights, int axis, int index)
    {
        if (!zeros.TryGetValue((weights, axis), out bool[]? known))
        {
            zeros[(weights, axis)] = known = ZerosAlong(weights, axis);
        }

        return index < known.Length && known[index];
    }

    /// <summary>
    /// The one number that a value holds at an index of an axis, everywhere and for both inputs; null where it differs.
    /// </summary>
    public double? Uniform(string value, int axis, int index)
    {
        if (!uniform.TryGetValue((value, axis), out double?[]? known))
        {
            uniform[(value, axis)] = known = UniformAlong(value, axis);
        }

        return known[index];
    }

    /// <summary>The elements of parameters, or of what is computed from them.</summary>
    public float[] Floats(string weights) => (zeroed.GetValueOrDefault(weights) ?? index.Constant(weights)) is { } stored
        ? TensorReader.ToFloats(stored)
        : Numbers(first[weights])!;

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    private bool[] ZerosAlong(string weights, int axis)
    {
        int[] dims = facts.Dims(weights);
        bool[] isZero = new bool[dims[axis]];
        // Parameters that stand in the file are zero where they were made so; reading them all would take time for nothing.
        bool computed = first.TryGetValue(weights, out OrtValue? value) && Numbers(value) is not null;
        if (!computed && !zeroed.ContainsKey(weights))
        {
            return isZero;
        }

        float[] values = Floats(weights);
        Array.Fill(isZero, true);
        int inner = dims[(axis + 1)..].Aggregate(1, (product, d) => product * d);
        for (int i = 0; i < values.Length; i++)
        {
            isZero[i / inner % dims[axis]] &= values[i] == 0;
        }

        return isZero;
    }

    private double?[] UniformAlong(string value, int axis)
    {
        int[] dims = facts.Dims(value);
        var result = new double?[dims[axis]];
        if (Numbers(first[value]) is not { } a || Numbers(second[value]) is not { } b || a.Length != b.Length)
        {
            return result;
        }

        double[] low = new double[dims[axis]];
        double[] high = new double[dims[axis]];
        Array.Fill(low, double.PositiveInfinity);
        Array.Fill(high, double.NegativeInfinity);
        double largest = 0;
        int inner = dims[(axis + 1)..].Aggregate(1, (product, d) => product * d);
        for (int i = 0; i < a.Length; i++)
        {
            int at = i / inner % dims[axis];
            low[at] = Math.Min(low[at], Math.Min(a[i], b[i]));
            high[at] = Math.Max(high[at], Math.Max(a[i], b[i]));
            largest = Math.Max(largest, float.IsFinite(a[i]) ? Math.Abs(a[i]) : 0);
        }

        for (int at = 0; at < result.Length; at++)
        {
            // A constant of zero is exactly zero: a reader that pads may rely on it.
            double tolerance = low[at] == 0 || high[at] == 0 ? 0 : Rounding * largest;
            result[at] = double.IsFinite(low[at]) && high[at] - low[at] <= tolerance ? (low[at] + high[at]) / 2 : null;
        }

        return result;
    }

    private static float[]? Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
        TensorElementType.Double => Array.ConvertAll(value.GetTensorDataAsSpan<double>().ToArray(), v => (float)v),
        TensorElementType.Float16 => Array.ConvertAll(value.GetTensorDataAsSpan<Float16>().ToArray(), v => (float)v),
        _ => null,
    };

    private static TensorProto Zero(GraphIndex graph, string tensor, IEnumerable<UnitSlice> slices)
    {
        TensorProto result = graph.Constant(tensor) is { } constant
            ? constant
            : ShapedConstant.Tensor(graph, tensor) ?? throw new InvalidOperationException($"'{tensor}' is no parameter");
        foreach (var along in slices.GroupBy(s => s.Axis))
        {
            result = TensorEditor.ZeroSlices(result, along.Key, [.. along.SelectMany(s => s.Indices)]);
        }

        result.Name = tensor;
        return result;
    }

    // Initializers change in place; constants of nodes become initializers of the same name.
    private static void Replace(GraphProto graph, Dictionary<string, TensorProto> values)
    {
        var left = new HashSet<string>(values.Keys, StringComparer.Ordinal);
        for (int i = 0; i < graph.Initializer.Count; i++)
        {
            if (values.TryGetValue(graph.Initializer[i].Name, out TensorProto? value))
            {
                graph.Initializer[i] = value;
                left.Remove(value.Name);
            }
        }

        foreach (NodeProto node in graph.Node.Where(n => n.Output.Any(left.Contains)).ToArray())
        {
            graph.Node.Remove(node);
        }

        graph.Initializer.AddRange(left.Select(name => values[name]));
    }
}
