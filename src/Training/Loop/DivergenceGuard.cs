using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Training.Steps;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

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
    public static string? FindIn(TrainingSnapshot snapshot, IReadOnlyList<TensorProto> parameters)
    {
        // The optimiser's state is named after its parameter and has its type.
        string[] wide = [.. parameters.Where(p => ElementTypes.TypeOf(p) == DataType.Double).Select(p => p.Name)];
        bool IsWide(string name) => wide.Any(w => name == w || name.StartsWith(w + ".", StringComparison.Ordinal));
        return snapshot.Tensors.Where(t => !(IsWide(t.Key) ? IsFinite<double>(t.Value) : IsFinite<float>(t.Value))).Select(t => t.Key).FirstOrDefault();
    }

    /// <summary>Which trained tensor has grown most since the beginning, in words.</summary>
    public static string Growth(OnnxModel model, IReadOnlyList<TensorProto> parameters)
    {
        var index = new GraphIndex(model.Graph);
        (string name, double factor) = parameters
            .Where(p => ElementTypes.TypeOf(p) == DataType.Float && index.Constant(p.Name) is not null)
            .Select(p => (p.Name, Factor: Size(p) / Math.Max(Size(index.Constant(p.Name)!), 1e-3)))
            .MaxBy(p => p.Factor);
        string reader = name is null ? "" : index.Consumers(name) is [NodeProto node, ..] ? $", which {node.Describe()} reads" : "";
        return name is null
            ? "all values are finite"
            : string.Create(CultureInfo.InvariantCulture, $"all values are finite; '{Printable.Name(name)}'{reader}, has grown most, {factor:G3} times");
    }

    private static double Size(TensorProto tensor) => Math.Sqrt(TensorReader.ToFloats(tensor).Average(v => (double)v * v));

    private static bool IsFinite<T>(byte[] bytes)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (T value in MemoryMarshal.Cast<byte, T>(bytes))
        {
            if (!T.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
