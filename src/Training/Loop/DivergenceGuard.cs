using System.Globalization;
using System.Runtime.InteropServices;
using EdgePrune.Training.Steps;

namespace EdgePrune.Training.Loop;

/// <summary>Says when a training is beyond hope.</summary>
internal static class DivergenceGuard
{
    /// <summary>
    /// A loss so many times the first one (or one nat, where the first is smaller) is an explosion. Cross-entropy starts near the
    /// logarithm of the number of classes, and a bad step costs a factor of ten at most before it heals.
    /// </summary>
    private const double LossFactor = 100;

    /// <summary>The same for the norm of the gradient, which jumps about more.</summary>
    private const double NormFactor = 1e6;

    /// <summary>What is wrong with the step that was just done, or null.</summary>
    public static string? Find(LoopState state, double loss, double? norm)
    {
        string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
        if (!double.IsFinite(loss))
        {
            return $"the loss is {Number(loss)}";
        }

        if (norm is { } n && !double.IsFinite(n))
        {
            return $"the norm of the gradient is {Number(n)}";
        }

        double lossLimit = LossFactor * Math.Max(1, state.FirstLoss ?? loss), normLimit = NormFactor * Math.Max(1, state.FirstNorm ?? norm ?? 0);
        return loss > lossLimit ? $"the loss has grown to {Number(loss)} from {Number(state.FirstLoss ?? loss)} at the first step"
            : norm > normLimit ? $"the norm of the gradient has grown to {Number(norm.Value)} from {Number(state.FirstNorm ?? 0)} at the first step"
            : null;
    }

    /// <summary>The first tensor of a snapshot that holds a number that is not finite, or null.</summary>
    public static string? FindIn(TrainingSnapshot snapshot, IReadOnlyDictionary<string, bool> isDouble)
    {
        foreach ((string name, byte[] bytes) in snapshot.Tensors)
        {
            bool finite = isDouble.GetValueOrDefault(name)
                ? MemoryMarshal.Cast<byte, double>(bytes).IndexOfAnyExceptInRange(double.MinValue, double.MaxValue) < 0
                : MemoryMarshal.Cast<byte, float>(bytes).IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) < 0;
            if (!finite)
            {
                return name;
            }
        }

        return null;
    }
}
