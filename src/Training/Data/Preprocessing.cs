using EdgePrune.Onnx;

namespace EdgePrune.Training.Data;

/// <summary>
/// How one stored sample becomes what a model takes, worked out once a dataset: element <c>o</c> of the result is
/// <c>stored[Source[o]] * Factor[o] + Offset[o]</c>.
/// </summary>
internal sealed class Preprocessing
{
    private Preprocessing(int[] shape, TensorLayout layout, int[]? source, double[]? factor, double[]? offset)
    {
        Shape = shape;
        Layout = layout;
        Source = source;
        Factor = factor;
        Offset = offset;
    }

    /// <summary>Shape of one sample after preprocessing.</summary>
    public int[] Shape { get; }

    /// <summary>How a sample of three axes lies after preprocessing.</summary>
    public TensorLayout Layout { get; }

    /// <summary>Where each element comes from; null for the order as stored.</summary>
    public int[]? Source { get; }

    /// <summary>Null, with <see cref="Offset"/>, where values stay as they are.</summary>
    public double[]? Factor { get; }

    public double[]? Offset { get; }

    /// <summary>The sample as it is stored.</summary>
    public static Preprocessing None(DataArray array) => new([.. array.Shape.Skip(1)], TensorLayout.Nchw, null, null, null);

    public static Preprocessing Of(DataArray array, DataManifest manifest)
    {
        int[] shape = [.. array.Shape.Skip(1)];
        if (manifest.Shape is { } wanted)
        {
            long elements = wanted.Aggregate(1L, (product, dim) => Math.Min(product * dim, int.MaxValue + 1L));
            shape = elements == array.RowLength
                ? wanted
                : throw Bad($"'shape' [{string.Join(", ", wanted)}] does not hold the {array.RowLength} elements of one sample of '{array.Name}' ({array})", manifest);
        }

        TensorLayout to = manifest.Layout ?? TensorLayout.Nchw;
        TensorLayout from = manifest.ArrayLayout ?? to;
        bool image = shape.Length == 3;
        int channelAxis = !image ? -1 : from == TensorLayout.Nchw ? 0 : 2;
        if (!image && from != to)
        {
            throw Bad($"'array_layout' differs from 'layout', but a sample of '{array.Name}' is [{string.Join(", ", shape)}]; expected three axes", manifest);
        }

        bool reverse = manifest.Channels == ChannelOrder.Bgr;
        if (reverse && !(image && shape[channelAxis] == 3))
        {
            throw Bad($"'channels: bgr' needs images of three channels; a sample of '{array.Name}' is [{string.Join(", ", shape)}]", manifest);
        }

        int[]? source = from == to && !reverse ? null : Order(shape, from, to, reverse);
        int[] result = from == to ? shape : to == TensorLayout.Nchw ? [shape[2], shape[0], shape[1]] : [shape[1], shape[2], shape[0]];
        if (manifest.Scale is null && manifest.Mean is null && manifest.Std is null)
        {
            return new Preprocessing(result, to, source, null, null);
        }

        int channels = image ? shape[channelAxis] : shape.Length == 1 ? shape[0] : 1;
        int stride = image && to == TensorLayout.Nchw ? result[1] * result[2] : 1;
        double[] mean = PerChannel(manifest.Mean ?? [0], "mean", channels, array, manifest);
        double[] std = PerChannel(manifest.Std ?? [1], "std", channels, array, manifest);
        double scale = manifest.Scale ?? 1;
        double[] factor = new double[array.RowLength], offset = new double[array.RowLength];
        for (int o = 0; o < factor.Length; o++)
        {
            int channel = o / stride % channels;
            factor[o] = scale / std[channel];
            offset[o] = -mean[channel] / std[channel];
        }

        return new Preprocessing(result, to, source, factor, offset);
    }

    private static int[] Order(int[] shape, TensorLayout from, TensorLayout to, bool reverse)
    {
        (int c, int h, int w) = from == TensorLayout.Nchw ? (shape[0], shape[1], shape[2]) : (shape[2], shape[0], shape[1]);
        int[] source = new int[c * h * w];
        for (int channel = 0; channel < c; channel++)
        {
            int stored = reverse ? c - 1 - channel : channel;
            for (int pixel = 0; pixel < h * w; pixel++)
            {
                int target = to == TensorLayout.Nchw ? (channel * h * w) + pixel : (pixel * c) + channel;
                source[target] = from == TensorLayout.Nchw ? (stored * h * w) + pixel : (pixel * c) + stored;
            }
        }

        return source;
    }

    private static double[] PerChannel(IReadOnlyList<double> values, string key, int channels, DataArray array, DataManifest manifest) =>
        values.Count == channels ? [.. values]
        : values.Count == 1 ? [.. Enumerable.Repeat(values[0], channels)]
        : throw Bad($"'{key}' has {values.Count} numbers, a sample of '{array.Name}' ({array}) has {channels} channels; expected one number, or one a channel", manifest);

    private static InputException Bad(string why, DataManifest manifest) => new($"{manifest.Path}: {why}");
}
