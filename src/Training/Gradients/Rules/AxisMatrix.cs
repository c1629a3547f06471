namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Operators that are one matrix [output, input] along an axis: their gradient is the product with its transpose.</summary>
internal static class AxisMatrix
{
    /// <param name="g">The context.</param>
    /// <param name="value">A gradient with <c>output</c> elements on the axis.</param>
    /// <param name="matrix">Output row o is Σ matrix[o, i]·input i.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="rank">Rank of the value.</param>
    /// <returns>The gradient with <c>input</c> elements on the axis.</returns>
    public static string TransposedProduct(GradientContext g, string value, double[,] matrix, int axis, int rank)
    {
        GraphWriter w = g.Writer;
        int output = matrix.GetLength(0);
        int input = matrix.GetLength(1);
        double[] forward = [.. matrix.Cast<double>()];
        if (axis == rank - 1)
        {
            return w.MatMul(value, w.Reals(forward, [output, input]));
        }

        double[] transposed = new double[forward.Length];
        for (int o = 0; o < output; o++)
        {
            for (int i = 0; i < input; i++)
            {
                transposed[(i * output) + o] = matrix[o, i];
            }
        }

        string constant = w.Reals(transposed, [input, output]);
        if (axis == rank - 2)
        {
            return w.MatMul(constant, value);
        }

        // Any other axis changes places with the last but one.
        long[] exchange = [.. Enumerable.Range(0, rank).Select(a => (long)(a == axis ? rank - 2 : a == rank - 2 ? axis : a))];
        return w.Transpose(w.MatMul(constant, w.Transpose(value, exchange)), exchange);
    }
}
