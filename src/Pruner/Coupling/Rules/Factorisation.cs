using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Carries ids from one factorisation of a tensor's elements to another. The dimensions fall into segments of equal product;
/// within a segment the row-major position of an element is the same on both sides.
/// </summary>
internal static class Factorisation
{
    private const int MaxElements = 1 << 24;

    private sealed record Segment(int InStart, int InEnd, int OutStart, int OutEnd);

    public static Layout Map(CouplingBuilder c, NodeProto node, Layout layout, int[] from, int[] to)
    {
        var result = Layout.Fixed(layout.Reason);
        if (from.Concat(to).Any(d => d <= 0))
        {
            foreach (AxisIds group in layout.Groups)
            {
                c.Freeze(group.Ids, $"{node.Describe()}: an empty tensor");
            }

            return result;
        }

        foreach (Segment segment in Join(Segments(from, to), layout))
        {
            AxisIds[] inside = [.. layout.Groups.Where(g => g.Axes.Any(a => a >= segment.InStart && a < segment.InEnd))];
            if (inside.Length == 0)
            {
                continue;
            }

            int[] inDims = from[segment.InStart..segment.InEnd];
            int[] outDims = to[segment.OutStart..segment.OutEnd];
            long elements = inDims.Aggregate(1L, (a, d) => a * d);
            if (elements > MaxElements)
            {
                c.Freeze(inside.SelectMany(g => g.Ids), $"{node.Describe()}: joins {elements} elements");
                continue;
            }

            // Two axes cut independently of each other would leave holes in the joined one.
            foreach (AxisIds other in inside.Skip(1))
            {
                c.Freeze(other.Ids, $"{node.Describe()}: joined with another axis that can be cut");
            }

            if (Spread(Flat(inside[0].Move(a => a - segment.InStart), inDims), outDims) is { } group)
            {
                result = result.With(group.Move(a => a + segment.OutStart));
            }
        }

        return result;
    }

    private static List<Segment> Segments(int[] from, int[] to)
    {
        var segments = new List<Segment>();
        int i = 0;
        int o = 0;
        while (i < from.Length || o < to.Length)
        {
            int startI = i;
            int startO = o;
            long productI = i < from.Length ? from[i++] : 1;
            long productO = o < to.Length ? to[o++] : 1;
            while (productI != productO)
            {
                if (productI < productO && i < from.Length)
                {
                    productI *= from[i++];
                }
                else if (o < to.Length)
                {
                    productO *= to[o++];
                }
                else
                {
                    productI *= from[i++];
                }
            }

            segments.Add(new Segment(startI, i, startO, o));
        }

        return segments;
    }

    // A joint group that reaches over several segments makes them one.
    private static List<Segment> Join(List<Segment> segments, Layout layout)
    {
        foreach (AxisIds group in layout.Groups.Where(g => !g.IsSingle))
        {
            int first = segments.FindIndex(s => group.Axes.Min() >= s.InStart && group.Axes.Min() < s.InEnd);
            int last = segments.FindIndex(s => group.Axes.Max() >= s.InStart && group.Axes.Max() < s.InEnd);
            if (first < last)
            {
                var joined = new Segment(segments[first].InStart, segments[last].InEnd, segments[first].OutStart, segments[last].OutEnd);
                segments.RemoveRange(first, last - first + 1);
                segments.Insert(first, joined);
            }
        }

        return segments;
    }

    // The id at every row-major position of the segment.
    private static int[] Flat(AxisIds group, int[] dims)
    {
        int[] stride = Strides(dims);
        int[] groupStride = Strides(group.Sizes);
        int[] flat = new int[dims.Aggregate(1, (a, d) => a * d)];
        for (int f = 0; f < flat.Length; f++)
        {
            int at = 0;
            for (int g = 0; g < group.Axes.Length; g++)
            {
                int axis = group.Axes[g];
                at += f / stride[axis] % dims[axis] * groupStride[g];
            }

            flat[f] = group.Ids[at];
        }

        return flat;
    }

    // The axes along which ids change carry them; along the others they repeat, and those axes are fixed.
    private static AxisIds? Spread(int[] flat, int[] dims)
    {
        int[] stride = Strides(dims);
        int[] axes = [.. Enumerable.Range(0, dims.Length).Where(axis => Varies(flat, dims[axis], stride[axis]))];
        if (axes.Length == 0)
        {
            return null;
        }

        int[] sizes = [.. axes.Select(a => dims[a])];
        int[] sizeStride = Strides(sizes);
        int[] ids = new int[sizes.Aggregate(1, (a, d) => a * d)];
        for (int i = 0; i < ids.Length; i++)
        {
            int at = 0;
            for (int a = 0; a < axes.Length; a++)
            {
                at += i / sizeStride[a] % sizes[a] * stride[axes[a]];
            }

            ids[i] = flat[at];
        }

        return new AxisIds(axes, sizes, ids);
    }

    private static bool Varies(int[] flat, int length, int stride)
    {
        for (int f = 0; length > 1 && f < flat.Length; f++)
        {
            if (flat[f] != flat[f - (f / stride % length * stride)])
            {
                return true;
            }
        }

        return false;
    }

    private static int[] Strides(int[] dims)
    {
        int[] strides = new int[dims.Length];
        int stride = 1;
        for (int i = dims.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= dims[i];
        }

        return strides;
    }
}
