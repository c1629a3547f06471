using System.Collections.Concurrent;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>The weights of a model as floats, each tensor read once. Safe for several threads.</summary>
internal sealed class WeightTensors(OnnxModel model)
{
    private readonly GraphIndex index = new(model.Graph);
    private readonly ConcurrentDictionary<string, float[]?> values = new(StringComparer.Ordinal);

    /// <summary>Row-major values; null for weights that a node fills with one value (ConstantOfShape), which are all alike.</summary>
    public float[]? Values(string tensor) => values.GetOrAdd(tensor, name => index.Constant(name) is { } constant ? TensorReader.ToFloats(constant) : null);

    public int[] Dims(string tensor) => index.Constant(tensor) is { } constant ? TensorReader.Dims(constant) : [];

    /// <summary>True for the scale of a BatchNormalization.</summary>
    public bool IsScale(string tensor) =>
        index.Consumers(tensor).Any(n => n.OpType == "BatchNormalization" && n.IsStandard() && n.Input[1] == tensor);

    /// <summary>
    /// True for slices that say how much a unit contributes: weights that make or read it, scales of a normalisation. Biases, means and
    /// variances say nothing of it.
    /// </summary>
    public bool Counts(UnitSlice slice) => slice.Role is SliceRole.Output or SliceRole.Input || (slice.Role == SliceRole.Parameter && IsScale(slice.Tensor));

    /// <summary>The nodes that read a tensor of parameters.</summary>
    public IReadOnlyList<NodeProto> Readers(string tensor) => index.Consumers(tensor);

    /// <summary>Sums of f(value) over everything but one axis, one for each index along it.</summary>
    public static double[] Along(ReadOnlySpan<float> values, int[] dims, int axis, Func<double, double> of)
    {
        int inner = Inner(dims, axis);
        double[] sums = new double[dims[axis]];
        for (int start = 0, i = 0; start < values.Length; start += inner, i = (i + 1) % dims[axis])
        {
            double sum = 0;
            foreach (float value in values.Slice(start, inner))
            {
                sum += of(value);
            }

            sums[i] += sum;
        }

        return sums;
    }

    /// <summary>Product of the dimensions behind an axis.</summary>
    public static int Inner(int[] dims, int axis)
    {
        int inner = 1;
        for (int i = axis + 1; i < dims.Length; i++)
        {
            inner *= dims[i];
        }

        return inner;
    }
}
