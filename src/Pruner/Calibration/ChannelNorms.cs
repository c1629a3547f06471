using System.Numerics.Tensors;

namespace EdgePrune.Pruner.Calibration;

/// <summary>The norm ‖X_j‖₂ of each index along an axis of a value, over all samples and places.</summary>
internal sealed class ChannelNorms(string value, int axis, int length) : IActivationObserver
{
    private readonly double[] squares = new double[length];
    private long count;

    public string Value => value;

    /// <summary>√(Σ x²) by index.</summary>
    public double[] Norms => Array.ConvertAll(squares, Math.Sqrt);

    /// <summary>√(mean x²) by index.</summary>
    public double[] RootMeans => Array.ConvertAll(squares, s => count == 0 ? 0 : Math.Sqrt(s * length / count));

    public void Observe(ReadOnlySpan<float> values, long[] dims)
    {
        int inner = (int)dims.Skip(axis + 1).Aggregate(1L, (a, d) => a * d);
        for (int start = 0, i = 0; start < values.Length; start += inner, i = (i + 1) % length)
        {
            squares[i] += TensorPrimitives.SumOfSquares(values.Slice(start, inner));
        }

        count += values.Length;
    }
}
