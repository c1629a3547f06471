using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Surgery.Constants;

/// <summary>What a layer adds up from inputs that are constant, inside its borders.</summary>
internal static class ConstantSum
{
    /// <summary>One number for each output.</summary>
    /// <param name="node">Conv, ConvTranspose with a kernel of one, Gemm or MatMul.</param>
    /// <param name="weights">Its weights, row-major.</param>
    /// <param name="dims">Their dimensions.</param>
    /// <param name="constants">The constant at each input channel.</param>
    public static double[] Of(NodeProto node, float[] weights, int[] dims, double[] constants) => node.OpType switch
    {
        "Conv" => Convolution(weights, dims, constants, (int)node.GetInt("group", 1)),
        "Gemm" when node.GetInt("transB", 0) != 0 => Convolution(weights, dims, constants, 1),
        // ConvTranspose with a kernel of one is a matrix [C, O], as that of MatMul.
        _ => Columns(weights, dims, constants),
    };

    // Weights [O, C/g, k…].
    private static double[] Convolution(float[] weights, int[] dims, double[] constants, int groups)
    {
        double[] sums = new double[dims[0]];
        int kernel = dims.Skip(2).Aggregate(1, (product, d) => product * d);
        int perGroup = dims[0] / groups;
        for (int o = 0; o < dims[0]; o++)
        {
            int first = o / perGroup * dims[1];
            for (int i = 0; i < dims[1]; i++)
            {
                double constant = constants[first + i];
                if (constant != 0)
                {
                    sums[o] += constant * Sum(weights.AsSpan(((o * dims[1]) + i) * kernel, kernel));
                }
            }
        }

        return sums;
    }

    // Weights [C, O].
    private static double[] Columns(float[] weights, int[] dims, double[] constants)
    {
        double[] sums = new double[dims[1]];
        for (int i = 0; i < dims[0]; i++)
        {
            for (int o = 0; o < dims[1] && constants[i] != 0; o++)
            {
                sums[o] += constants[i] * weights[(i * dims[1]) + o];
            }
        }

        return sums;
    }

    private static double Sum(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum;
    }
}
