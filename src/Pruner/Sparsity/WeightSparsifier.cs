using System.IO.Enumeration;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Sparsity;

/// <summary>
/// Makes single weights of convolutions and matrix products zero. Shapes stay: the model is smaller where it is compressed, and faster only
/// on hardware that skips zeros.
/// </summary>
public static class WeightSparsifier
{
    /// <summary>A copy with zeros.</summary>
    /// <param name="context">The model; samples of <paramref name="options"/> go before its own.</param>
    /// <param name="options">How many weights, which, and by what worth.</param>
    /// <exception cref="InputException">There are no such weights, the method needs data that are not there, or it cannot do the pattern.</exception>
    public static SparsityResult Run(ImportanceContext context, SparsityOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        context = context with { Data = options.Data ?? context.Data };
        LinearLayer[] layers = Layers(context.Model, options);
        OnnxModel sparse = context.Model.Clone();
        Dictionary<string, bool[]> zeros = layers.ToDictionary(l => l.Weights, l => new bool[l.Outputs * l.Columns], StringComparer.Ordinal);
        if (options.Method == SparsityMethod.Obs)
        {
            Sweep(context, sparse, layers, options, zeros);
        }
        else
        {
            Choose(context, layers, options, zeros);
        }

        var masks = new List<WeightMask>();
        for (int i = 0; i < sparse.Graph.Initializer.Count; i++)
        {
            TensorProto tensor = sparse.Graph.Initializer[i];
            if (zeros.TryGetValue(tensor.Name, out bool[]? zero))
            {
                sparse.Graph.Initializer[i] = TensorEditor.ZeroElements(tensor, zero);
                masks.Add(WeightMask.Of(tensor.Name, [.. tensor.Dims], zero));
            }
        }

        return new SparsityResult(sparse, masks, zeros.Values.Sum(z => z.LongCount(b => b)), zeros.Values.Sum(z => z.LongLength));
    }

    /// <summary>What is zero already, among the weights that could become zero.</summary>
    /// <param name="model">A model that training has left with zeros.</param>
    /// <param name="options">Which layers count.</param>
    /// <exception cref="InputException">There are no such weights.</exception>
    public static SparsityResult Count(OnnxModel model, SparsityOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var index = new GraphIndex(model.Graph);
        var masks = new List<WeightMask>();
        (long zeros, long weights) = (0, 0);
        foreach (string tensor in Layers(model, options).Select(l => l.Weights))
        {
            bool[] zero = Array.ConvertAll(TensorReader.ToFloats(index.Initializer(tensor)!), w => w == 0);
            masks.Add(WeightMask.Of(tensor, [.. index.Initializer(tensor)!.Dims], zero));
            zeros += zero.LongCount(z => z);
            weights += zero.Length;
        }

        return new SparsityResult(model, masks, zeros, weights);
    }

    /// <summary>The layers whose weights may become zero.</summary>
    /// <exception cref="InputException">There are none.</exception>
    internal static LinearLayer[] Layers(OnnxModel model, SparsityOptions options)
    {
        var index = new GraphIndex(model.Graph);
        LinearLayer[] all = [.. LinearLayer.Of(model.Graph)
            .Where(l => index.Initializer(l.Weights) is { DataType: (int)TensorProto.Types.DataType.Float })
            .DistinctBy(l => l.Weights, StringComparer.Ordinal)];
        LinearLayer[] wanted = [.. all.Where(l => !options.Protected.Any(pattern =>
            new[] { l.Weights, l.Node.Name, l.Output }.Any(name => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))))];
        return wanted.Length > 0
            ? wanted
            : throw new InputException(all.Length == 0
                ? $"{model.Source}: has no Conv, Gemm or MatMul with float32 weights that could become zero"
                : $"{model.Source}: every layer with weights is protected; protect fewer");
    }

    private static void Choose(ImportanceContext context, LinearLayer[] layers, SparsityOptions options, Dictionary<string, bool[]> zeros)
    {
        IReadOnlyDictionary<string, float[]> worth = WeightWorth.Of(context, layers, options.Method);
        SparsityPattern pattern = options.Pattern;
        var competing = new List<(bool[] Zero, int[] Places, double Worth)>();
        // Weights that do not reach the loss have no gradient, and are worth nothing to it.
        foreach (LinearLayer layer in layers)
        {
            bool[] zero = zeros[layer.Weights];
            float[] own = worth.TryGetValue(layer.Weights, out float[]? known) ? known : new float[zero.Length];
            if (pattern.Threshold is { } threshold)
            {
                for (int i = 0; i < zero.Length; i++)
                {
                    zero[i] = own[i] < threshold;
                }
            }
            else if (pattern.Of > 0)
            {
                MaskChoice.OfPattern(layer, own, pattern.Keep, pattern.Of, zero);
            }
            else if (options.IsGlobal)
            {
                competing.AddRange(MaskChoice.Blocks(layer, own, pattern.Rows, pattern.Columns).Select(b => (zero, b.Places, b.Worth)));
            }
            else if (options.Method == SparsityMethod.Wanda && pattern is { Rows: 1, Columns: 1 })
            {
                for (int o = 0; o < layer.Outputs; o++)
                {
                    MaskChoice.OfShare(Enumerable.Range(0, layer.Columns).Select(c => layer.Offset(o, c)).Select(at => (zero, new[] { at }, (double)own[at])), pattern.Share!.Value);
                }
            }
            else
            {
                MaskChoice.OfShare(MaskChoice.Blocks(layer, own, pattern.Rows, pattern.Columns).Select(b => (zero, b.Places, b.Worth)), pattern.Share!.Value);
            }
        }

        MaskChoice.OfShare(competing, pattern.Share ?? 0);
    }

    private static void Sweep(ImportanceContext context, OnnxModel sparse, LinearLayer[] layers, SparsityOptions options, Dictionary<string, bool[]> zeros)
    {
        if (options.IsGlobal || options.Pattern.Threshold is not null || options.Pattern.Rows * options.Pattern.Columns > 1)
        {
            throw new InputException("the method 'obs' takes a share of each layer or N of M weights; thresholds, blocks and shares of the whole network are for the other methods");
        }

        CalibrationData data = context.Data ?? throw new InputException(
            "the method 'obs' makes up for weights by what layers read on samples, and none were given; name training samples (--calibration), or take 'magnitude'");
        var at = Enumerable.Range(0, sparse.Graph.Initializer.Count).ToDictionary(i => sparse.Graph.Initializer[i].Name, StringComparer.Ordinal);
        HashSet<string> wanted = [.. layers.Select(l => l.Output)];
        foreach (ReadingLayer reading in ReadingLayer.Observe(context, data, l => wanted.Contains(l.Output)))
        {
            LinearLayer layer = reading.Layer;
            bool[] zero = zeros[layer.Weights];
            Parallel.For(0, layer.Groups, group =>
            {
                bool[,] gone = SurgeonSweep.Run(layer, reading.Equations[group], reading.Start[group], options.Pattern);
                for (int o = 0; o < layer.GroupOutputs; o++)
                {
                    for (int c = 0; c < layer.Columns; c++)
                    {
                        zero[layer.Offset((group * layer.GroupOutputs) + o, c)] = gone[o, c];
                    }
                }
            });
            sparse.Graph.Initializer[at[layer.Weights]] = TensorEditor.FromFloats(
                layer.Weights, reading.Pack(reading.Start), Array.ConvertAll(layer.Dims, d => (long)d));
        }
    }
}
