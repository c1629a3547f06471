using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// ConvTranspose: X [N, C, …], W [C, O/g, k…], B [O] → Y [N, O, …]. It is the input gradient of a convolution from Y to X, so
/// that its own input gradient is that convolution, and its weight gradient that one's with the two sides exchanged.
/// </summary>
internal sealed class ConvTransposeRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["ConvTranspose"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        string dy = g.OutputGradient;
        ConvGeometry geometry = ConvGeometry.Of(node, g.OutputDims, g.Dims(0), g.Dims(1), transposed: true);
        if (g.Wants(0))
        {
            g.Give(0, Forward(g.Writer, geometry, dy, node.Input[1]));
        }

        if (g.Wants(1))
        {
            g.Give(1, ConvWeightGradient.Write(g.Writer, geometry, dy, node.Input[0]));
        }

        if (g.Wants(2))
        {
            g.Give(2, g.Writer.ReduceSum(dy, [0, .. Enumerable.Range(2, geometry.Rank)], keep: false));
        }
    }

    private static string Forward(GraphWriter w, ConvGeometry c, string dy, string weights)
    {
        // What output_padding added behind the kernel's reach has no gradient.
        (string x, long[] pads) = ConvPadding.Fit(w, c, dy);
        return w.Node("Conv", [x, weights], n =>
        {
            n.SetInt("group", c.Groups);
            n.SetInts("kernel_shape", c.Kernel);
            n.SetInts("strides", c.Strides);
            n.SetInts("dilations", c.Dilations);
            n.SetInts("pads", pads);
        });
    }
}
