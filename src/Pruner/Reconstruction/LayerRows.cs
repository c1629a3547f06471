using EdgePrune.Onnx.Graphs;
using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>
/// Reads what a layer multiplies as rows: for a place of its output the patch of the input under the kernel, zeros where that lies in the
/// padding. Convolutions of one and two spatial axes, and matrix products.
/// </summary>
internal sealed class LayerRows
{
    private readonly LinearLayer layer;
    private readonly int channels;
    private readonly int height;
    private readonly int width;
    private readonly int outWidth;
    private readonly int[] strides;
    private readonly int[] begins;
    private readonly int[] dilations;
    private readonly int[] kernel;

    private LayerRows(LinearLayer layer, int[] data, int[] output)
    {
        this.layer = layer;
        if (!layer.IsConv)
        {
            channels = data[^1];
            Positions = data[1..^1].Aggregate(1, (a, d) => a * d);
            (height, width, outWidth) = (1, 1, 1);
            (strides, begins, dilations, kernel) = ([1, 1], [0, 0], [1, 1], [1, 1]);
            return;
        }

        // One spatial axis is two of which the first has length one.
        bool flat = data.Length == 3;
        int[] Two(IReadOnlyList<int> values, int otherwise) => flat ? [otherwise, values[0]] : [values[0], values[1]];
        int[] Attribute(string name, int otherwise) =>
            layer.Node.GetInts(name) is { } given ? Two([.. given.Select(v => (int)v)], otherwise) : [otherwise, otherwise];
        channels = data[1];
        (height, width) = flat ? (1, data[2]) : (data[2], data[3]);
        int[] outs = Two(output[2..], 1);
        outWidth = outs[1];
        Positions = outs[0] * outs[1];
        kernel = Two(layer.Dims[2..], 1);
        strides = Attribute("strides", 1);
        dilations = Attribute("dilations", 1);
        begins = Begins(outs, layer.Node.GetInts("pads"), layer.Node.GetString("auto_pad", "NOTSET"), flat);
    }

    /// <summary>Places of the output of one sample.</summary>
    public int Positions { get; }

    /// <summary>Null for shapes that are not covered.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="data">Dimensions of what it reads.</param>
    /// <param name="output">Dimensions of what it makes.</param>
    public static LayerRows? TryOf(LinearLayer layer, IReadOnlyList<long> data, IReadOnlyList<long> output) =>
        (layer.IsConv ? data.Count is 3 or 4 : data.Count >= 2) && data.Count == output.Count
            ? new LayerRows(layer, [.. data.Select(d => (int)d)], [.. output.Select(d => (int)d)])
            : null;

    /// <summary>The patch that the rows of a group read.</summary>
    /// <param name="data">The batch, row-major.</param>
    /// <param name="sample">Which sample.</param>
    /// <param name="position">Which place of the output.</param>
    /// <param name="group">Which group.</param>
    /// <param name="row">Where it goes, as long as <see cref="LinearLayer.Columns"/>.</param>
    public void Read(ReadOnlySpan<float> data, int sample, int position, int group, Span<float> row)
    {
        if (!layer.IsConv)
        {
            data.Slice(((sample * Positions) + position) * channels, channels).CopyTo(row);
            return;
        }

        int top = (position / outWidth * strides[0]) - begins[0];
        int left = (position % outWidth * strides[1]) - begins[1];
        int at = 0;
        for (int c = 0; c < layer.Inputs; c++)
        {
            int channel = ((sample * channels) + (group * layer.Inputs) + c) * height;
            for (int ky = 0; ky < kernel[0]; ky++)
            {
                int y = top + (ky * dilations[0]);
                for (int kx = 0; kx < kernel[1]; kx++)
                {
                    int x = left + (kx * dilations[1]);
                    row[at++] = y >= 0 && y < height && x >= 0 && x < width ? data[((channel + y) * width) + x] : 0;
                }
            }
        }
    }

    /// <summary>One index of a value that has the layer's output shape, at a place.</summary>
    /// <param name="values">The batch.</param>
    /// <param name="outputs">Length of the value's axis of outputs.</param>
    /// <param name="sample">Which sample.</param>
    /// <param name="position">Which place.</param>
    /// <param name="output">Index along the axis of outputs.</param>
    public float Output(ReadOnlySpan<float> values, int outputs, int sample, int position, int output) => layer.IsConv
        ? values[(((sample * outputs) + output) * Positions) + position]
        : values[(((sample * Positions) + position) * outputs) + output];

    private int[] Begins(int[] outs, long[]? pads, string auto, bool flat)
    {
        if (auto is "NOTSET" or "" or "VALID")
        {
            return pads is null ? [0, 0] : flat ? [0, (int)pads[0]] : [(int)pads[0], (int)pads[1]];
        }

        int[] lengths = [height, width];
        return [.. Enumerable.Range(0, 2).Select(a =>
        {
            int whole = Math.Max(0, ((outs[a] - 1) * strides[a]) + ((kernel[a] - 1) * dilations[a]) + 1 - lengths[a]);
            return auto == "SAME_LOWER" ? (whole + 1) / 2 : whole / 2;
        })];
    }
}
