namespace EdgePrune.Training.Evaluation;

/// <summary>
/// Two models' scores at many positions: [N, T, C], as of sequences and of boxes, with the classes last, or [N, C, H, W], as of
/// segmentation, with the classes second; at least two of each.
/// </summary>
/// <param name="Share">Share of all positions, 0 to 1, where the same class is highest.</param>
/// <param name="WholeSamples">Share of samples, 0 to 1, where that is so at each position.</param>
public sealed record PositionAgreement(double Share, double WholeSamples)
{
    /// <summary>What batches add up to.</summary>
    internal sealed class Counts
    {
        private long positions;
        private long same;
        private long samples;
        private long whole;
        private bool fits = true;

        /// <summary>Counts the positions of a batch; an output of another form counts for nothing.</summary>
        public void Add(ReadOnlySpan<float> first, ReadOnlySpan<float> second, long[] shape, int count)
        {
            int axis = shape.Length == 3 ? 2 : 1;
            fits &= shape.Length is 3 or 4 && shape[0] == count && shape[axis] >= 2;
            if (!fits)
            {
                return;
            }

            int classes = (int)shape[axis];
            int each = first.Length / count / classes;
            fits &= each >= 2;
            for (int sample = 0; sample < count && fits; sample++)
            {
                int agree = 0;
                for (int position = 0; position < each; position++)
                {
                    int start = (sample * each * classes) + (axis == 2 ? position * classes : position);
                    int step = axis == 2 ? 1 : each;
                    agree += Highest(first, start, step, classes) == Highest(second, start, step, classes) ? 1 : 0;
                }

                positions += each;
                same += agree;
                samples++;
                whole += agree == each ? 1 : 0;
            }
        }

        public PositionAgreement? Result() => fits && positions > 0 ? new PositionAgreement((double)same / positions, (double)whole / samples) : null;

        // What is not a number is nowhere the highest: -1 agrees with no class of the other, and two models full of it agree, as nothing else can be said.
        private static int Highest(ReadOnlySpan<float> scores, int start, int step, int classes)
        {
            (int at, float highest) = (-1, float.NegativeInfinity);
            for (int c = 0; c < classes; c++)
            {
                if (scores[start + (c * step)] > highest)
                {
                    (at, highest) = (c, scores[start + (c * step)]);
                }
            }

            return at;
        }
    }
}
