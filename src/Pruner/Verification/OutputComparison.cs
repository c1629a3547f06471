using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Verification;

/// <summary>Compares the outputs of two models, value by value.</summary>
internal static class OutputComparison
{
    /// <summary>The worse of <paramref name="worst"/> and these outputs, with one run more.</summary>
    /// <exception cref="InputException">An output differs in shape or type.</exception>
    public static EquivalenceReport Add(EquivalenceReport worst, IReadOnlyList<string> outputs, NamedValues expected, NamedValues actual)
    {
        foreach (string output in outputs)
        {
            OrtTensorTypeAndShapeInfo e = expected[output].GetTensorTypeAndShape();
            OrtTensorTypeAndShapeInfo a = actual[output].GetTensorTypeAndShape();
            if (!e.Shape.SequenceEqual(a.Shape) || e.ElementDataType != a.ElementDataType)
            {
                throw new InputException($"output '{output}' is [{string.Join(", ", e.Shape)}] in the original and [{string.Join(", ", a.Shape)}] in the pruned model");
            }

            worst = Worse(worst, Floats(expected[output]), Floats(actual[output]));
        }

        return worst with { Runs = worst.Runs + 1 };
    }

    /// <summary>The elements of a numeric tensor.</summary>
    /// <exception cref="InputException">The elements are no numbers.</exception>
    public static float[] Floats(OrtValue value)
    {
        switch (value.GetTensorTypeAndShape().ElementDataType)
        {
            case TensorElementType.Float:
                return value.GetTensorDataAsSpan<float>().ToArray();
            case TensorElementType.Double:
                return Array.ConvertAll(value.GetTensorDataAsSpan<double>().ToArray(), v => (float)v);
            case TensorElementType.Float16:
                return Array.ConvertAll(value.GetTensorDataAsSpan<Float16>().ToArray(), v => (float)v);
            case TensorElementType.Int64:
                return Array.ConvertAll(value.GetTensorDataAsSpan<long>().ToArray(), v => (float)v);
            case TensorElementType.Int32:
                return Array.ConvertAll(value.GetTensorDataAsSpan<int>().ToArray(), v => (float)v);
            case TensorElementType.UInt8 or TensorElementType.Bool:
                return Array.ConvertAll(value.GetTensorDataAsSpan<byte>().ToArray(), v => (float)v);
            case TensorElementType.Int8:
                return Array.ConvertAll(value.GetTensorDataAsSpan<sbyte>().ToArray(), v => (float)v);
            case TensorElementType other:
                throw new InputException($"outputs of type {other} cannot be compared");
        }
    }

    private static EquivalenceReport Worse(EquivalenceReport worst, float[] expected, float[] actual)
    {
        double error = 0;
        double low = double.MaxValue;
        double high = double.MinValue;
        bool finite = true;
        for (int i = 0; i < expected.Length; i++)
        {
            bool bothNaN = float.IsNaN(expected[i]) && float.IsNaN(actual[i]);
            finite &= bothNaN || expected[i] == actual[i] || float.IsFinite(expected[i] - actual[i]);
            if (bothNaN || !float.IsFinite(expected[i]))
            {
                continue;
            }

            error = Math.Max(error, Math.Abs((double)expected[i] - actual[i]));
            low = Math.Min(low, expected[i]);
            high = Math.Max(high, expected[i]);
        }

        // A single value, or a constant output, has no range of its own; its magnitude serves.
        double range = high > low ? high - low : Math.Max(Math.Abs(high), 1e-6);
        double relative = expected.Length == 0 ? 0 : error / range;
        return worst with
        {
            MaxAbsError = Math.Max(worst.MaxAbsError, error),
            MaxRelError = Math.Max(worst.MaxRelError, relative),
            Ok = worst.Ok && finite && (relative <= MaskedEquivalence.Tolerance || !worst.IsExact),
        };
    }
}
