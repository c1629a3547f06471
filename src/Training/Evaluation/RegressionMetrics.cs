using EdgePrune.Onnx;

namespace EdgePrune.Training.Evaluation;

/// <summary>How far numbers are from those that were expected.</summary>
/// <param name="Count">Numbers compared.</param>
/// <param name="MeanAbsoluteError">Mean |y − t|, in the unit of the output.</param>
/// <param name="RootMeanSquareError">√ of the mean (y − t)².</param>
/// <param name="RSquared">1 − Σ(y − t)² / Σ(t − mean t)²: 1 is perfect, 0 as good as the mean; where all t are equal, 1 if all y are right and else 0.</param>
public sealed record RegressionMetrics(long Count, double MeanAbsoluteError, double RootMeanSquareError, double RSquared)
{
    /// <summary>Sums over numbers that come in pieces.</summary>
    public sealed class Sums
    {
        private long count;
        private double absolute;
        private double squared;
        private double mean;
        private double spread;

        /// <summary>Adds outputs and what was expected of them, element by element.</summary>
        /// <exception cref="InputException">An output is not a number.</exception>
        public void Add(ReadOnlySpan<float> outputs, ReadOnlySpan<float> expected)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(outputs.Length, expected.Length);
            for (int i = 0; i < outputs.Length; i++)
            {
                double difference = outputs[i] - (double)expected[i];
                if (!double.IsFinite(difference))
                {
                    throw new InputException($"a value is {outputs[i]} where {expected[i]} was expected; check the model and the preprocessing in data.yaml");
                }

                count++;
                absolute += Math.Abs(difference);
                squared += difference * difference;
                // Welford's way, which does not lose a small spread beside a large mean.
                double off = expected[i] - mean;
                mean += off / count;
                spread += off * (expected[i] - mean);
            }
        }

        /// <exception cref="InputException">Nothing was added.</exception>
        public RegressionMetrics Result() => count == 0
            ? throw new InputException("there are no values to compare; expected at least one")
            : new RegressionMetrics(count, absolute / count, Math.Sqrt(squared / count), spread > 0 ? 1 - (squared / spread) : squared == 0 ? 1 : 0);
    }
}
