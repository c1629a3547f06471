using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Surgery;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Pruner.Verification;

/// <summary>How far the pruned model is from the masked original.</summary>
/// <param name="MaxAbsError">Largest difference of any output element.</param>
/// <param name="MaxRelError">The same, relative to the range (max − min) of that output.</param>
/// <param name="Ok">True where every value is finite and, unless units are inexact, <see cref="MaxRelError"/> is within the tolerance.</param>
/// <param name="Runs">Number of inputs compared.</param>
/// <param name="IsExact">False where the plan holds units for which cutting and masking differ by nature: the errors are then a deviation to know, not a fault.</param>
/// <param name="BorderDeviation">
/// Where constants were folded through padding: the same as <see cref="MaxRelError"/>, against the masked original that goes on reading
/// zeros beyond the border. It is a deviation to know; <see cref="MaxRelError"/> is against the constants continued there. Null elsewhere.
/// </param>
public sealed record EquivalenceReport(
    double MaxAbsError, double MaxRelError, bool Ok, int Runs, bool IsExact = true, double? BorderDeviation = null);

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
        ArgumentNullException.ThrowIfNull(plan);
        shapes ??= ProbedInputs(original);
        using var masked = ModelSession.Create(MaskedModel.Make(original, plan));
        using var candidate = ModelSession.Create(pruned);
        if (!masked.OutputNames.SequenceEqual(candidate.OutputNames))
        {
            throw new InputException("the two models have different outputs");
        }

        using ModelSession? zeros = plan.ChangesBorders ? ModelSession.Create(MaskedModel.Make(original, plan, extendBorders: false)) : null;
        var worst = new EquivalenceReport(0, 0, true, 0, plan.IsExact);
        var borders = new EquivalenceReport(0, 0, true, 0, IsExact: false);
        for (int i = 0; i < randomInputs; i++)
        {
            using NamedValues inputs = SyntheticInputs.Make(masked.Inputs, seed + i, shapes);
            (worst, borders) = Compare(masked, zeros, candidate, inputs, worst, borders);
        }

        foreach (IReadOnlyDictionary<string, OrtValue> inputs in realInputs ?? [])
        {
            (worst, borders) = Compare(masked, zeros, candidate, inputs, worst, borders);
        }

        return zeros is null ? worst : worst with { BorderDeviation = borders.MaxRelError };
    }

    internal static Dictionary<string, long[]> ProbedInputs(OnnxModel model)
    {
        using NamedValues values = ShapeProbe.Values(model, null, null, out IReadOnlyDictionary<string, ValueShape> inputs);
        return inputs.ToDictionary(i => i.Key, i => i.Value.Dims, StringComparer.Ordinal);
    }

    private static (EquivalenceReport Worst, EquivalenceReport Borders) Compare(
        ModelSession masked,
        ModelSession? zeros,
        ModelSession pruned,
        IReadOnlyDictionary<string, OrtValue> inputs,
        EquivalenceReport worst,
        EquivalenceReport borders)
    {
        using NamedValues expected = masked.Run(inputs);
        using NamedValues actual = pruned.Run(inputs);
        using NamedValues? other = zeros?.Run(inputs);
        return (
            OutputComparison.Add(worst, masked.OutputNames, expected, actual),
            other is null ? borders : OutputComparison.Add(borders, masked.OutputNames, other, actual));
    }
}
