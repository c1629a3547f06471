using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>One axis of a Slice: bounds clamped to the axis, and as they were written.</summary>
internal sealed record Bound(int Axis, int Start, int End, long Step, long RawStart, long RawEnd);

/// <summary>Reads the bounds of a Slice from attributes (opset 9 and before) or constant inputs.</summary>
internal static class Bounds
{
    public static Bound[]? TryRead(NodeProto node, GraphIndex index, int[] dims)
    {
        long[]? starts = node.GetInts("starts") ?? Ints(node, index, 1);
        long[]? ends = node.GetInts("ends") ?? Ints(node, index, 2);
        if (starts is null || ends is null || starts.Length != ends.Length)
        {
            return null;
        }

        if ((node.InputAt(3) is not null && Ints(node, index, 3) is null) || (node.InputAt(4) is not null && Ints(node, index, 4) is null))
        {
            return null;
        }

        long[] axes = node.GetInts("axes") ?? Ints(node, index, 3) ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = Ints(node, index, 4) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        if (axes.Length != starts.Length || steps.Length != starts.Length || axes.Any(a => a < -dims.Length || a >= dims.Length))
        {
            return null;
        }

        return [.. starts.Select((start, i) =>
        {
            int axis = CouplingBuilder.Axis(axes[i], dims.Length);
            return new Bound(axis, Clamp(start, dims[axis]), Clamp(ends[i], dims[axis]), steps[i], start, ends[i]);
        })];
    }

    private static int Clamp(long bound, int length) => (int)Math.Clamp(bound < 0 ? bound + length : bound, 0, length);

    private static long[]? Ints(NodeProto node, GraphIndex index, int input) =>
        index.Constant(node.InputAt(input)) is { } constant ? TensorReader.ToInts(constant) : null;
}
