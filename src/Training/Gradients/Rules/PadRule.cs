using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Pad. With a constant the gradient loses the padding; the other modes copy elements, whose copies are summed.</summary>
internal sealed class PadRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Pad"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        int rank = g.Rank(0);
        long[] given = g.ConstantInts(1, "its pads") ?? node.GetInts("pads") ?? throw g.Unsupported("it has no pads");
        long[] axes = g.ConstantInts(3, "its axes") ?? [.. Enumerable.Range(0, rank).Select(a => (long)a)];
        long[] pads = new long[2 * rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = g.Normal(axes[i], rank);
            pads[axis] = given[i];
            pads[axis + rank] = given[i + axes.Length];
        }

        if (node.GetString("mode", "constant") == "constant")
        {
            g.Give(0, g.Writer.Pad(g.OutputGradient, [.. pads.Select(p => -p)]));
            return;
        }

        string result = g.OutputGradient;
        for (int axis = 0; axis < rank; axis++)
        {
            if (pads[axis] != 0 || pads[axis + rank] != 0)
            {
                result = AxisMatrix.TransposedProduct(g, result, Matrix(node, g, pads, axis), axis, rank);
            }
        }

        g.Give(0, result);
    }

    // Row o has a one where output o takes its element from.
    private static double[,] Matrix(NodeProto node, GradientContext g, long[] pads, int axis)
    {
        long input = g.Dims(0)[axis];
        long output = g.OutputDims[axis];
        var matrix = new double[output, input];
        for (long o = 0; o < output; o++)
        {
            long at = o - pads[axis];
            long period = Math.Max(1, 2 * (input - 1));
            long from = node.GetString("mode", "constant") switch
            {
                "edge" => Math.Clamp(at, 0, input - 1),
                "wrap" => ((at % input) + input) % input,
                "reflect" => Math.Min(((at % period) + period) % period, (period - (((at % period) + period) % period)) % period),
                string mode => throw g.Unsupported($"mode '{mode}'"),
            };
            matrix[o, from] = 1;
        }

        return matrix;
    }
}
