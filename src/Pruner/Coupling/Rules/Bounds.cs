using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>One axis of a Slice.</summary>
/// <param name="Axis">The axis, not negative.</param>
/// <param name="Length">Its length.</param>
/// <param name="Start">First index, within the axis.</param>
/// <param name="End">The index at which it stops, not taken; −1 where a negative step takes index 0 too.</param>
/// <param name="Step">Step, not zero.</param>
/// <param name="RawStart">The start as it is written.</param>
/// <param name="RawEnd">The end as it is written.</param>
internal sealed record Bound(int Axis, int Length, int Start, int End, long Step, long RawStart, long RawEnd)
{
    /// <summary>True where every index is taken in its order.</summary>
    public bool IsWhole => Step == 1 && Start == 0 && End == Length;

    /// <summary>The indices taken, in order.</summary>
    public IEnumerable<int> Indices
    {
        get
        {
            for (long i = Start; Step > 0 ? i < End : i > End; i += Step)
            {
                yield return (int)i;
            }
        }
    }
}

/// <summary>Reads the bounds of a Slice from attributes (opset 9 and before) or inputs.</summary>
internal static class Bounds
{
    /// <summary>The axes sliced, or null where they are not known.</summary>
    public static int[]? Axes(NodeProto node, Func<int, long[]?> input, int rank)
    {
        long[]? axes = node.GetInts("axes") ?? input(3);
        if (axes is null)
        {
            if (node.InputAt(3) is not null)
            {
                return null;
            }

            axes = [.. Enumerable.Range(0, rank).Select(a => (long)a)];
        }

        return axes.Any(a => a < -rank || a >= rank) ? null : [.. axes.Select(a => CouplingBuilder.Axis(a, rank))];
    }

    /// <summary>All bounds, or null where one is not known.</summary>
    /// <param name="node">A Slice.</param>
    /// <param name="input">The numbers of its input of a given place, or null where they are not known or left out.</param>
    /// <param name="dims">Dimensions of what is sliced.</param>
    public static Bound[]? TryRead(NodeProto node, Func<int, long[]?> input, int[] dims)
    {
        long[]? starts = node.GetInts("starts") ?? input(1);
        long[]? ends = node.GetInts("ends") ?? input(2);
        long[]? steps = input(4);
        if (starts is null || ends is null || starts.Length != ends.Length || (steps is null && node.InputAt(4) is not null) || Axes(node, input, dims.Length) is not { } axes)
        {
            return null;
        }

        // Where no axes are given, the bounds are those of the first ones.
        bool given = node.Find("axes") is not null || node.InputAt(3) is not null;
        steps ??= [.. Enumerable.Repeat(1L, starts.Length)];
        if (axes.Length < starts.Length || (given && axes.Length != starts.Length) || steps.Length != starts.Length || steps.Contains(0))
        {
            return null;
        }

        return [.. starts.Select((start, i) =>
        {
            int length = dims[axes[i]];
            long step = steps[i];
            return new Bound(
                axes[i], length, Clamp(start, length, step, 0), Clamp(ends[i], length, step, -1), step, start, ends[i]);
        })];
    }

    // A negative step starts at the last index at most, and stops before index 0 at least.
    private static int Clamp(long bound, int length, long step, int backwardsLow)
    {
        long from = bound < 0 && bound >= long.MinValue + length ? bound + length : bound;
        return (int)(step > 0 ? Math.Clamp(from, 0, length) : Math.Clamp(from, backwardsLow, Math.Max(backwardsLow, length - 1)));
    }
}
