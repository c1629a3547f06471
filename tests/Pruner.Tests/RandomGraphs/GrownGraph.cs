using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;

namespace Pruner.Tests.RandomGraphs;

/// <summary>What the axes of a value mean.</summary>
internal enum Form
{
    /// <summary>[1, C, H, W].</summary>
    Image,

    /// <summary>[1, C, L].</summary>
    Sequence,

    /// <summary>[1, C, D, H, W].</summary>
    Volume,

    /// <summary>[2, T, D].</summary>
    Tokens,

    /// <summary>[3, D].</summary>
    Rows,
}

/// <summary>A value of a random graph.</summary>
internal sealed record GrownValue(Form Form, string Name, int[] Dims)
{
    /// <summary>Channels, or the width of tokens and rows.</summary>
    public int Width => Form is Form.Image or Form.Sequence or Form.Volume ? Dims[1] : Dims[^1];
}

/// <summary>A random graph while it grows: values that steps read and add to, and two heads at the end.</summary>
internal sealed class GrownGraph(int opset)
{
    private const int MostElements = 6000;
    private const int MostWide = 40;

    private readonly List<GrownValue> values = [];
    private readonly Random random = new(17);
    private int counter;

    public GraphBuilder Graph { get; } = new(opset, seed: 17, irVersion: opset > 17 ? 10 : 8);

    public int Opset { get; } = opset;

    /// <summary>A value of a form that a step can read; a first one is made from an input where there is none.</summary>
    public GrownValue Pick(Form form, GraphStep step, Func<GrownValue, bool>? fits = null) => TryPick(form, step, fits) ?? Start(form);

    /// <summary>The same, or null where no value fits.</summary>
    public GrownValue? TryPick(Form form, GraphStep step, Func<GrownValue, bool>? fits = null)
    {
        // The newest first, so that graphs grow deep.
        GrownValue[] fitting = [.. values.Where(v => v.Form == form && fits?.Invoke(v) != false).Reverse()];
        return fitting.Length == 0 ? null : fitting[step.Source % fitting.Length];
    }

    public void Add(Form form, string name, params int[] dims)
    {
        var value = new GrownValue(form, name, dims);
        if (dims.Aggregate(1L, (product, d) => product * d) <= MostElements && value.Width <= MostWide)
        {
            values.Add(value);
        }
    }

    /// <summary>A value of the same form and dimensions.</summary>
    public void Same(GrownValue like, string name) => Add(like.Form, name, like.Dims);

    /// <summary>Weights away from zero, so that a slice wrongly left or lost shows, scaled so that deep graphs keep their range.</summary>
    public string Weights(int fanIn, params long[] dims) => Constant(() => (float)(Noise() / Math.Sqrt(Math.Max(1, fanIn))), dims);

    /// <summary>Weights above zero: variances, scales.</summary>
    public string Positive(params long[] dims) => Constant(() => (float)Math.Abs(Noise()) + 0.3f, dims);

    public string Floats(params float[] values) => Graph.Initializer(TensorEditor.FromFloats(Name(), values, values.Length));

    public string Scalar(float value) => Graph.Initializer(TensorEditor.FromFloats(Name(), [value]));

    public string Name() => $"c{counter++}";

    /// <summary>Two heads: the newest value and, where there are several, the oldest.</summary>
    public OnnxModel Finish()
    {
        if (values.Count == 0)
        {
            Start(Form.Image);
        }

        string[] heads = [.. values.Count > 1 ? [Head(values[^1]), Head(values[0])] : new[] { Head(values[0]) }];
        return Graph.Output(heads).Build();
    }

    private string Head(GrownValue value)
    {
        int flat = value.Dims.Skip(1).Aggregate(1, (product, d) => product * d);
        string rows = value.Form == Form.Rows ? value.Name : Graph.Node("Flatten", [value.Name]);
        return Graph.Node("Gemm", [rows, Weights(flat, 3, flat), Weights(1, 3)], ("transB", 1));
    }

    private GrownValue Start(Form form)
    {
        switch (form)
        {
            case Form.Image:
                Add(form, Graph.Node("Conv", [Graph.Input("image", 1, 3, 6, 6), Weights(27, 8, 3, 3, 3), Weights(1, 8)], ("pads", new long[] { 1, 1, 1, 1 })), 1, 8, 6, 6);
                break;
            case Form.Sequence:
                Add(form, Graph.Node("Conv", [Graph.Input("sequence", 1, 3, 10), Weights(9, 6, 3, 3)], ("pads", new long[] { 1, 1 })), 1, 6, 10);
                break;
            case Form.Volume:
                Add(form, Graph.Node("Conv", [Graph.Input("volume", 1, 2, 4, 4, 4), Weights(2, 6, 2, 1, 1, 1), Weights(1, 6)]), 1, 6, 4, 4, 4);
                break;
            case Form.Tokens:
                string mixed = Graph.Node("MatMul", [Graph.Input("tokens", 2, 5, 7), Weights(7, 7, 8)]);
                Add(form, Graph.Node("Add", [mixed, Weights(1, 8)]), 2, 5, 8);
                break;
            default:
                Add(form, Graph.Node("Gemm", [Graph.Input("rows", 3, 5), Weights(5, 5, 9), Weights(1, 9)]), 3, 9);
                break;
        }

        return values[^1];
    }

    private double Noise() => ((random.NextDouble() * 0.8) + 0.2) * (random.Next(2) == 0 ? 1 : -1);

    private string Constant(Func<float> draw, long[] dims)
    {
        float[] drawn = new float[dims.Aggregate(1L, (product, d) => product * d)];
        for (int i = 0; i < drawn.Length; i++)
        {
            drawn[i] = draw();
        }

        return Graph.Initializer(TensorEditor.FromFloats(Name(), drawn, dims));
    }
}
