using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Pruner.Coupling;

/// <summary>One entry of an integer vector: a number, or the length of an axis, read when the model runs.</summary>
/// <param name="Number">The number, where it is one.</param>
/// <param name="Value">The value whose axis is read, or null.</param>
/// <param name="Axis">That axis.</param>
internal sealed record Extent(long Number, string? Value = null, int Axis = 0);

/// <summary>
/// Follows what exporters compute with Shape, Gather, Slice, Concat and the like before a Reshape. A length read at run time
/// follows a cut by itself; a number must be rewritten.
/// </summary>
internal sealed class Extents(CouplingBuilder builder)
{
    private readonly Dictionary<string, Extent[]> known = new(StringComparer.Ordinal);

    /// <summary>The entries of an integer vector (or scalar), or null where they cannot be followed.</summary>
    public Extent[]? Of(string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (known.TryGetValue(value, out Extent[]? entries))
        {
            return entries;
        }

        if (builder.Index.Constant(value) is not { } constant
            || ElementTypes.TypeOf(constant) is not (TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Int32)
            || constant.Dims.Count > 1)
        {
            return null;
        }

        return [.. TensorReader.ToInts(constant).Select(v => new Extent(v))];
    }

    /// <summary>The entries as plain numbers, or null where one is not.</summary>
    public long[]? Numbers(string? value) =>
        Of(value) is { } entries && entries.All(e => e.Value is null) ? [.. entries.Select(e => e.Number)] : null;

    public void Set(string value, Extent[] entries) => known[value] = entries;

    /// <summary>True where the value holds lengths of axes.</summary>
    public bool Follows(string value) => known.ContainsKey(value);

    /// <summary>Freezes the axes whose lengths a value holds: their use cannot be followed further.</summary>
    public void FreezeReads(string value, string reason)
    {
        foreach (Extent entry in known.GetValueOrDefault(value, []))
        {
            if (entry.Value is not null)
            {
                builder.FreezeAxis(entry.Value, entry.Axis, $"{reason} (it computes with the length of this axis)");
            }
        }
    }

    /// <summary>Follows a node that computes with lengths; false where it is not such a node.</summary>
    public bool TryFollow(NodeProto node)
    {
        if (!node.IsStandard())
        {
            return false;
        }

        if (node.OpType == "Shape")
        {
            int rank = builder.Rank(node.Input[0]);
            int start = Math.Clamp(CouplingBuilder.Axis(node.GetInt("start", 0), rank), 0, rank);
            int end = Math.Clamp(CouplingBuilder.Axis(node.GetInt("end", rank), rank), 0, rank);
            Set(node.Output[0], [.. Enumerable.Range(start, Math.Max(0, end - start)).Select(axis => new Extent(0, node.Input[0], axis))]);
            return true;
        }

        if (!node.Input.Any(known.ContainsKey))
        {
            return false;
        }

        Extent[]? result = node.OpType switch
        {
            "Cast" or "Identity" or "Unsqueeze" or "Squeeze" => Of(node.Input[0]),
            "Concat" => node.Input.Select(Of).ToArray() is var parts && parts.All(p => p is not null) ? [.. parts.SelectMany(p => p!)] : null,
            "Gather" => Pick(Of(node.Input[0]), Numbers(node.InputAt(1))),
            "Slice" => Slice(node),
            _ => null,
        };
        if (result is null)
        {
            return false;
        }

        Set(node.Output[0], result);
        return true;
    }

    private static Extent[]? Pick(Extent[]? from, long[]? indices) =>
        from is null || indices is null || indices.Any(i => i < -from.Length || i >= from.Length)
            ? null
            : [.. indices.Select(i => from[CouplingBuilder.Axis(i, from.Length)])];

    private Extent[]? Slice(NodeProto node)
    {
        if (Of(node.Input[0]) is not { } from)
        {
            return null;
        }

        long[]? starts = node.GetInts("starts") ?? Numbers(node.InputAt(1));
        long[]? ends = node.GetInts("ends") ?? Numbers(node.InputAt(2));
        long[] steps = Numbers(node.InputAt(4)) ?? [1];
        if (starts is not [var s] || ends is not [var e] || steps is not [1])
        {
            return null;
        }

        int start = (int)Math.Clamp(s < 0 ? s + from.Length : s, 0, from.Length);
        int end = (int)Math.Clamp(e < 0 ? e + from.Length : e, 0, from.Length);
        return start < end ? from[start..end] : [];
    }
}
