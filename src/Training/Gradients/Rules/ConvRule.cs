using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Conv: X [N, C, …], W [O, C/g, k…], B [O] → Y [N, O, …].</summary>
internal sealed class ConvRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Conv"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        string dy = g.OutputGradient;
        ConvGeometry geometry = ConvGeometry.Of(node, g.Dims(0), g.OutputDims, g.Dims(1), transposed: false);
        if (g.Wants(0))
        {
            g.Give(0, ConvInputGradient.Write(g.Writer, geometry, dy, node.Input[1]));
        }

        if (g.Wants(1))
        {
            g.Give(1, ConvWeightGradient.Write(g.Writer, geometry, node.Input[0], dy));
        }

        if (g.Wants(2))
        {
            g.Give(2, g.Writer.ReduceSum(dy, [0, .. Enumerable.Range(2, geometry.Rank)], keep: false));
        }
    }
}
