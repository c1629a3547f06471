using EdgePrune.Agent.Bundles;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Canaries;

/// <summary>
/// Compares answers of models. Where no rule says how, a single output of two dimensions with more than one column is taken
/// for the scores of a classifier and compared by its largest place; everything else by its values.
/// </summary>
public static class AnswerComparison
{
    /// <param name="expected">Outputs by name; each must be in <paramref name="actual"/>.</param>
    /// <param name="actual">What the model under trial gives.</param>
    /// <param name="rule">When they are alike.</param>
    public static AnswerOutcome Compare(IReadOnlyDictionary<string, OrtValue> expected, IReadOnlyDictionary<string, OrtValue> actual, AnswerRule rule)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(rule);
        AnswerCheck check = rule.Check ?? (IsClassifier(actual) ? AnswerCheck.Top1 : AnswerCheck.Values);
        AnswerOutcome worst = AnswerOutcome.Alike;
        foreach ((string name, OrtValue wanted) in expected)
        {
            AnswerOutcome outcome = actual.TryGetValue(name, out OrtValue? got) ? Compare(wanted, got, check, rule.Tolerance) : AnswerOutcome.WrongShape;
            worst = outcome > worst ? outcome : worst;
        }

        return worst;
    }

    /// <summary>The place of the largest value in each row along the last axis.</summary>
    public static int[] Top1(ReadOnlySpan<double> values, int columns)
    {
        int[] places = new int[columns == 0 ? 0 : values.Length / columns];
        for (int row = 0; row < places.Length; row++)
        {
            ReadOnlySpan<double> of = values.Slice(row * columns, columns);
            int best = 0;
            for (int i = 1; i < of.Length; i++)
            {
                best = of[i] > of[best] ? i : best;
            }

            places[row] = best;
        }

        return places;
    }

    private static bool IsClassifier(IReadOnlyDictionary<string, OrtValue> outputs) =>
        outputs.Count == 1 && outputs.Values.First() is { IsTensor: true } only && only.GetTensorTypeAndShape().Shape is [_, > 1];

    private static AnswerOutcome Compare(OrtValue wanted, OrtValue got, AnswerCheck check, double tolerance)
    {
        if (!TensorValues.TryRead(wanted, out double[] expected) || !TensorValues.TryRead(got, out double[] actual) || !SameShape(wanted, got))
        {
            return AnswerOutcome.WrongShape;
        }

        double largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (double.IsFinite(expected[i]))
            {
                largest = Math.Max(largest, Math.Abs(expected[i]));
                if (!double.IsFinite(actual[i]))
                {
                    return AnswerOutcome.NotFinite;
                }
            }
        }

        if (check == AnswerCheck.Top1)
        {
            int columns = (int)(got.GetTensorTypeAndShape().Shape is [.., var last] ? last : 1);
            return Top1(expected, columns).AsSpan().SequenceEqual(Top1(actual, columns)) ? AnswerOutcome.Alike : AnswerOutcome.Different;
        }

        for (int i = 0; i < expected.Length; i++)
        {
            // Written so that NaN where NaN was expected is alike, and anything else beside NaN is not.
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance * largest) && !expected[i].Equals(actual[i]))
            {
                return AnswerOutcome.Different;
            }
        }

        return AnswerOutcome.Alike;
    }

    // Leading dimensions of 1 are the batch, which one side may have left out.
    private static bool SameShape(OrtValue a, OrtValue b) =>
        Significant(a).SequenceEqual(Significant(b));

    private static ReadOnlySpan<long> Significant(OrtValue value)
    {
        ReadOnlySpan<long> shape = value.GetTensorTypeAndShape().Shape;
        int ones = shape.IndexOfAnyExcept(1);
        return ones < 0 ? [] : shape[ones..];
    }
}
