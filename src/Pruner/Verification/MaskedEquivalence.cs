using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Surgery;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Verification;

/// <summary>How far the pruned model is from the masked original.</summary>
/// <param name="MaxAbsError">Largest difference of any output element.</param>
/// <param name="MaxRelError">The same, relative to the range (max − min) of that output.</param>
/// <param name="Ok">True where every value is finite and, unless units are inexact, <see cref="MaxRelError"/> is within the tolerance.</param>
/// <param name="Runs">Number of inputs compared.</param>
/// <param name="IsExact">False where the plan holds units for which cutting and masking differ by nature: the errors are then a deviation to know, not a fault.</param>
public sealed record EquivalenceReport(double MaxAbsError, double MaxRelError, bool Ok, int Runs, bool IsExact = true);

/// <summary>The law of surgery: the pruned model computes what the masked original computes.</summary>
public static class MaskedEquivalence
{
    /// <summary>Rounding of float32 over a deep network, relative to the range of an output.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Compares the two on random inputs and on those given.</summary>
    /// <param name="original">The model that the plan was made for.</param>
    /// <param name="pruned">What surgery made of it.</param>
    /// <param name="plan">What was removed.</param>
    /// <param name="randomInputs">How many random inputs, of seeds <paramref name="seed"/>, <paramref name="seed"/> + 1, …</param>
    /// <param name="seed">First seed.</param>
    /// <param name="shapes">Shapes of inputs with free dimensions.</param>
    /// <param name="realInputs">Real inputs, compared besides.</param>
    public static EquivalenceReport Check(
        OnnxModel original,
        OnnxModel pruned,
        PruningPlan plan,
        int randomInputs = 4,
        int seed = 0,
        IReadOnlyDictionary<string, long[]>? shapes = null,
        IEnumerable<IReadOnlyDictionary<string, OrtValue>>? realInputs = null)
    {
        ArgumentNullException.ThrowIfNull(original);
        shapes ??= ProbedInputs(original);
        using var masked = ModelSession.Create(MaskedModel.Make(original, plan));
        using var candidate = ModelSession.Create(pruned);
        if (!masked.OutputNames.SequenceEqual(candidate.OutputNames))
        {
            throw new InputException("the two models have different outputs");
        }

        var worst = new EquivalenceReport(0, 0, true, 0, plan.Units.All(u => u.Inexact is null));
        for (int i = 0; i < randomInputs; i++)
        {
            using NamedValues inputs = SyntheticInputs.Make(masked.Inputs, seed + i, shapes);
            worst = Compare(masked, candidate, inputs, worst);
        }

        foreach (IReadOnlyDictionary<string, OrtValue> inputs in realInputs ?? [])
        {
            worst = Compare(masked, candidate, inputs, worst);
        }

        return worst;
    }

    private static Dictionary<string, long[]> ProbedInputs(OnnxModel model)
    {
        using NamedValues values = ShapeProbe.Values(model, null, null, out IReadOnlyDictionary<string, ValueShape> inputs);
        return inputs.ToDictionary(i => i.Key, i => i.Value.Dims, StringComparer.Ordinal);
    }

    private static EquivalenceReport Compare(
        ModelSession masked, ModelSession pruned, IReadOnlyDictionary<string, OrtValue> inputs, EquivalenceReport worst)
    {
        using NamedValues expected = masked.Run(inputs);
        using NamedValues actual = pruned.Run(inputs);
        foreach (string output in masked.OutputNames)
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
            Ok = worst.Ok && finite && (relative <= Tolerance || !worst.IsExact),
        };
    }

    private static float[] Floats(OrtValue value)
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
}
