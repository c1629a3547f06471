using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>
/// Fits the layers of a pruned model, one after the other, so that on calibration samples each makes from what now reaches it what it makes
/// in the original (He et al., "Channel Pruning for Accelerating Very Deep Neural Networks", ICCV 2017; Luo et al., "ThiNet", ICCV 2017):
/// layers that lost inputs, and layers whose inputs others have changed. The least squares are solved in closed form from sums over the
/// samples; of the activations only those at the last narrow place are kept. Labels are not looked at, and nothing is trained.
/// </summary>
public sealed class Reconstructor
{
    private const int Batch = 64;

    private readonly OnnxModel original;
    private readonly OnnxModel pruned;
    private readonly CouplingResult coupling;
    private readonly HashSet<int> removed;
    private readonly ReconstructionOptions options;
    private readonly SessionSettings session;
    private readonly CancellationToken cancel;
    private readonly IReadOnlyDictionary<string, ValueShape> shapes;
    private readonly List<(string Value, int Node)> necks;
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly int batch;
    private ActivationCache before;
    private ActivationCache after;
    private int start = -1;

    private Reconstructor(
        OnnxModel original,
        OnnxModel pruned,
        CouplingResult coupling,
        IReadOnlyCollection<int> removed,
        CalibrationData data,
        ReconstructionOptions options,
        SessionSettings session,
        CancellationToken cancel)
    {
        this.original = original;
        this.pruned = pruned.Clone();
        this.coupling = coupling;
        this.removed = [.. removed];
        this.options = options;
        this.session = session;
        this.cancel = cancel;
        using (ModelSession probe = ModelSession.Create(pruned))
        {
            int stated = CalibrationData.FixedBatch(probe.Inputs);
            batch = stated > 0 ? stated : Batch;
        }

        after = before = ActivationCache.OfInputs(original, data, batch);
        using (NamedValues one = before.Slice(0, Math.Min(before.Count, batch), before.Starts.Keys))
        {
            shapes = ShapeProbe.Run(pruned, one);
        }

        HashSet<string> narrow = [.. SubModel.Necks(original.Graph).Select(n => n.Value)];
        necks = [.. SubModel.Necks(pruned.Graph).Where(n => narrow.Contains(n.Value))];
        for (int n = 0; n < this.pruned.Graph.Node.Count; n++)
        {
            foreach (string output in this.pruned.Graph.Node[n].Output)
            {
                places[output] = n;
            }
        }
    }

    /// <summary>A copy of the pruned model with fitted weights.</summary>
    /// <param name="original">The model before pruning.</param>
    /// <param name="pruned">What surgery made of it.</param>
    /// <param name="coupling">Analysis of the original.</param>
    /// <param name="removed">The units that went.</param>
    /// <param name="data">Samples to fit to: training data, never those that the result is judged by.</param>
    /// <param name="options">How it is fitted.</param>
    /// <param name="session">Threads and provider.</param>
    /// <param name="cancel">Looked at between batches.</param>
    /// <exception cref="InputException">The samples do not fit the model, an input is not float32, or activations are not finite.</exception>
    public static ReconstructionResult Run(
        OnnxModel original,
        OnnxModel pruned,
        CouplingResult coupling,
        IReadOnlyCollection<int> removed,
        CalibrationData data,
        ReconstructionOptions? options = null,
        SessionSettings? session = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(pruned);
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(removed);
        ArgumentNullException.ThrowIfNull(data);
        return options?.Kind == ReconstructionKind.Normalization
            ? new ReconstructionResult(NormalizationEstimator.Run(pruned, data, session: session, cancel: cancel), [], [])
            : new Reconstructor(original, pruned, coupling, removed, data, options ?? new(), session ?? SessionSettings.Default, cancel).Fit();
    }

    private ReconstructionResult Fit()
    {
        using var kernel = new GramKernel(session);
        var fitted = new List<FittedLayer>();
        var skipped = new List<(string, string)>();
        HashSet<string> changed = Changed();
        var index = new GraphIndex(pruned.Graph);
        foreach (LinearLayer layer in LinearLayer.Of(pruned.Graph).Where(l => changed.Contains(l.Data)))
        {
            FitTarget target = (options.CompensateSums ? FitTarget.OfSum(pruned.Graph, index, layer) : null) ?? FitTarget.Of(layer);
            if (WhyNot(index, layer, target) is { } why)
            {
                skipped.Add((layer.Output, why));
                continue;
            }

            Advance(layer, target);
            NormalEquations[] equations = Accumulate(layer, target, kernel);
            fitted.Add(LayerFit.Solve(pruned, index, layer, equations, options));
        }

        return new ReconstructionResult(pruned, fitted, skipped);
    }

    // Values that differ from the original's: behind anything that was cut, and so behind everything that is fitted.
    private HashSet<string> Changed()
    {
        var was = new GraphIndex(original.Graph);
        var now = new GraphIndex(pruned.Graph);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (NodeProto node in pruned.Graph.Node)
        {
            if (GraphIndex.Reads(node).Any(v => changed.Contains(v) || (now.Constant(v) is { } tensor && !tensor.Equals(was.Constant(v)) && !SameValues(tensor, was.Constant(v)))))
            {
                changed.UnionWith(node.Output);
            }
        }

        return changed;
    }

    // Surgery may have moved values to raw form.
    private static bool SameValues(TensorProto a, TensorProto? b) =>
        b is not null && a.Dims.SequenceEqual(b.Dims) && a.DataType == b.DataType && TensorReader.ToRaw(a).AsSpan().SequenceEqual(TensorReader.ToRaw(b));

    private string? WhyNot(GraphIndex index, LinearLayer layer, FitTarget target)
    {
        if (!shapes.TryGetValue(layer.Data, out ValueShape? data) || !shapes.TryGetValue(layer.Output, out ValueShape? output)
            || LayerRows.TryOf(layer, data.Dims, output.Dims) is null)
        {
            return "its shape is not covered";
        }

        if (index.Initializer(layer.Weights) is not { DataType: (int)TensorProto.Types.DataType.Float } || index.Consumers(layer.Weights).Count > 1
            || (layer.Bias is { } bias && (index.Initializer(bias) is null || index.Consumers(bias).Count > 1)))
        {
            return "its weights are shared or no initializers of float32";
        }

        if (layer.Node.OpType == "Gemm" && (Scale(layer.Node, "alpha") != 1 || Scale(layer.Node, "beta") != 1))
        {
            return "it scales its product";
        }

        return Kept(target.Value, layer.OutputAxis(output.Dims.Length)) is { } kept && kept.Length == layer.Outputs
            ? null
            : "what it makes is not found in the original";
    }

    private static float Scale(NodeProto node, string name) => node.Find(name) is { HasF: true } a ? a.F : 1;

    // Indices of the original that are left along an axis, or null where the value is not there.
    private int[]? Kept(string value, int axis) =>
        !coupling.Context.Shapes.TryGetValue(value, out ValueShape? shape) || axis >= shape.Dims.Length ? null
        : coupling.UnitsAlong(value, axis) is { } units ? [.. Enumerable.Range(0, units.Length).Where(i => units[i] < 0 || !removed.Contains(units[i]))]
        : [.. Enumerable.Range(0, (int)shape.Dims[axis])];

    // Moves the caches to the last narrow place before everything that the layer needs; where that takes too much memory they stay.
    private void Advance(LinearLayer layer, FitTarget target)
    {
        int needed = Math.Min(Place(layer.Data), target.Other is null ? int.MaxValue : Place(target.Other));
        (string value, int node) = necks.LastOrDefault(n => n.Node <= needed);
        if (value is null || node <= start || !coupling.Context.Shapes.TryGetValue(value, out ValueShape? full))
        {
            return;
        }

        if (2.0 * 4 * before.Count * full.Dims.Skip(1).Aggregate(1.0, (a, d) => a * d) <= options.CacheBytes)
        {
            before = before.Advance(original, value, batch, session, cancel);
            after = after.Advance(pruned, value, batch, session, cancel);
            start = node;
        }
    }

    private int Place(string value) => places.GetValueOrDefault(value, -1);

    private NormalEquations[] Accumulate(LinearLayer layer, FitTarget target, GramKernel kernel)
    {
        LayerRows rows = LayerRows.TryOf(layer, shapes[layer.Data].Dims, shapes[layer.Output].Dims)!;
        int[] kept = Kept(target.Value, layer.OutputAxis(shapes[layer.Output].Dims.Length))!;
        int full = (int)coupling.Context.Shapes[target.Value].Dims[layer.OutputAxis(shapes[layer.Output].Dims.Length)];
        NormalEquations[] equations = [.. Enumerable.Range(0, layer.Groups).Select(_ => new NormalEquations(layer.Columns, layer.GroupOutputs))];
        int draw = Math.Clamp(options.Rows / before.Count, 1, rows.Positions);
        var random = new Random(unchecked((options.Seed * 7919) + Place(layer.Output)));
        string[] wanted = target.Other is null ? [layer.Data] : [layer.Data, target.Other];
        using ModelSession was = ModelSession.Create(SubModel.Between(original, before.Starts, [target.Value]), session);
        using ModelSession now = ModelSession.Create(SubModel.Between(pruned, after.Starts, wanted), session);
        for (int first = 0; first < before.Count; first += batch)
        {
            cancel.ThrowIfCancellationRequested();
            int count = Math.Min(batch, before.Count - first);
            using NamedValues a = before.Slice(first, count, was.Inputs.Select(i => i.Name));
            using NamedValues b = after.Slice(first, count, now.Inputs.Select(i => i.Name));
            using NamedValues goals = was.Run(a);
            using NamedValues values = now.Run(b);
            ReadOnlySpan<float> goal = goals[target.Value].GetTensorDataAsSpan<float>();
            ReadOnlySpan<float> data = values[layer.Data].GetTensorDataAsSpan<float>();
            ReadOnlySpan<float> other = target.Other is null ? [] : values[target.Other].GetTensorDataAsSpan<float>();
            for (int sample = 0; sample < count; sample++)
            {
                for (int d = 0; d < draw; d++)
                {
                    // One place of each of as many stretches as places are drawn: none comes twice.
                    int low = (int)((long)d * rows.Positions / draw);
                    int position = low + random.Next((int)((long)(d + 1) * rows.Positions / draw) - low);
                    for (int group = 0; group < layer.Groups; group++)
                    {
                        equations[group].Next(out Span<float> x, out Span<float> y);
                        rows.Read(data, sample, position, group, x);
                        for (int i = 0; i < y.Length; i++)
                        {
                            int o = (group * layer.GroupOutputs) + i;
                            double value = rows.Output(goal, full, sample, position, kept[o]);
                            value -= target.Other is null ? 0 : rows.Output(other, layer.Outputs, sample, position, o);
                            y[i] = (float)(((target.Scale?[o] ?? 1) * value) + (target.Offset?[o] ?? 0));
                        }

                        Flush(equations[group], kernel, equations[group].IsFull);
                    }
                }
            }
        }

        foreach (NormalEquations each in equations)
        {
            Flush(each, kernel, true);
        }

        return equations;
    }

    private static void Flush(NormalEquations equations, GramKernel kernel, bool isDue)
    {
        if (isDue)
        {
            equations.Flush(equations.Width >= 32 ? kernel : null);
        }
    }
}
