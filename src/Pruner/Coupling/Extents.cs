using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// Follows what exporters compute with Shape, Gather, Slice, Concat and arithmetic before a Reshape. Each entry of such a small
/// tensor is known as a number of the probe run, with the lengths that it depends on. A length that is read when the model runs
/// follows a cut by itself; a number must be rewritten.
/// </summary>
internal sealed class Extents(CouplingBuilder builder)
{
    /// <summary>Larger tensors hold no shapes.</summary>
    internal const int MaxEntries = 1024;

    // Operators whose results differ in shape from run to run, though the shapes of the inputs are the same.
    private static readonly HashSet<string> ShapeFromData =
        ["Compress", "If", "Loop", "NonMaxSuppression", "NonZero", "Range", "Scan", "SequenceAt", "StringSplit", "Unique"];

    private readonly Dictionary<string, Extent[]> known = new(StringComparer.Ordinal);
    private bool? sameInEveryRun;

    // True where every value has the same shape in every run: the file fixes the inputs, none of which is a shape itself, and
    // nothing depends on data.
    private bool SameInEveryRun => sameInEveryRun ??=
        builder.Index.Inputs.All(i => i.Type?.TensorType is { Shape: { } shape } type
            && shape.Dim.All(d => d.HasDimValue)
            && (shape.Dim.Count > 1 || type.ElemType is not ((int)DataType.Int64 or (int)DataType.Int32)))
        && !builder.Index.Graph.Node.Any(n => ShapeFromData.Contains(n.OpType));

    /// <summary>The entries of a small tensor of integers in row-major order, or null where they cannot be followed.</summary>
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

        return builder.Index.Constant(value) is { } constant && ElementTypes.TypeOf(constant) is DataType.Int64 or DataType.Int32 or DataType.Bool
            ? Entries(constant)
            : null;
    }

    /// <summary>As <see cref="Of"/>, real numbers included.</summary>
    public Extent[]? OfReal(string? value)
    {
        if (Of(value) is { } entries)
        {
            return entries;
        }

        return builder.Index.Constant(value) is { } constant && ElementTypes.TypeOf(constant) is DataType.Float or DataType.Double
            ? Entries(constant)
            : null;
    }

    /// <summary>The entries as plain numbers, or null where one depends on a length.</summary>
    public long[]? Numbers(string? value) =>
        Of(value) is { } entries && entries.All(e => e.Reads.Count == 0) ? [.. entries.Select(e => (long)e.Number)] : null;

    /// <summary>
    /// The entries as numbers where they are the same in every run of the uncut model. A node whose rule takes these writes
    /// constants in their place once a length among them changes.
    /// </summary>
    public long[]? Resolve(string? value) =>
        Of(value) is { } entries && entries.All(e => e.Reads.All(IsFixed)) ? [.. entries.Select(e => (long)e.Number)] : null;

    /// <summary>True where a length is the same in every run: units run along the axis, or the file fixes all shapes.</summary>
    public bool IsFixed(AxisLength length) => IsLive(length) || SameInEveryRun;

    /// <summary>
    /// True where an entry for an axis may differ from run to run of the uncut model. Lengths of axes with units are taken for fixed as
    /// far as the axis made has units too; elsewhere the units may share the axis that is read with the batch (a view that joins them).
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <param name="hasUnits">True where units run along the axis that it is for.</param>
    public bool Varies(Extent entry, bool hasUnits) =>
        !entry.Reads.All(IsFixed) || (!hasUnits && !entry.IsLength && !SameInEveryRun && entry.Reads.Any(IsLive));

    /// <summary>By the name of a Reshape's output, the entry that Reshape must find by itself once a length in it changes.</summary>
    public Dictionary<string, int> LeftToReshape { get; } = new(StringComparer.Ordinal);

    /// <summary>True where units run along the axis whose length is read.</summary>
    public bool IsLive(AxisLength length) => builder.Of(length.Value).GroupOf(length.Axis) is not null;

    /// <summary>True where the value holds lengths of axes, or numbers computed from constants.</summary>
    public bool Follows(string value) => known.ContainsKey(value);

    /// <summary>Freezes the axes whose lengths a value holds: their use cannot be followed further.</summary>
    public void FreezeReads(string value, string reason)
    {
        foreach (AxisLength read in known.GetValueOrDefault(value, []).SelectMany(e => e.Reads))
        {
            builder.KeepLength(read.Value, read.Axis, $"{reason} (it computes with the length of this axis)");
        }
    }

    /// <summary>Follows a node that computes with lengths; false where it is not such a node.</summary>
    public bool TryFollow(NodeProto node)
    {
        if (!node.IsStandard() || node.Output.Count != 1 || Compute(node) is not { } entries)
        {
            return false;
        }

        known[node.Output[0]] = entries;
        return true;
    }

    private static Extent[]? Entries(TensorProto constant)
    {
        // The count of a hostile file may be anything; its data were checked against it when it was read.
        return TensorReader.Count(constant) > MaxEntries
            ? null
            : ElementTypes.TypeOf(constant) is DataType.Float or DataType.Double
                ? [.. TensorReader.ToFloats(constant).Select(v => Extent.Constant(v))]
                : [.. TensorReader.ToInts(constant).Select(v => Extent.Constant(v))];
    }

    private Extent[]? Compute(NodeProto node)
    {
        if (node.OpType is "Shape" or "Size")
        {
            return Lengths(node);
        }

        if (node.OpType == "Constant" || node.Input.Count == 0)
        {
            return null;
        }

        // Real numbers are followed where lengths went in; elsewhere they are weights.
        bool computes = node.Input.Any(known.ContainsKey);
        var inputs = new ExtentTensor?[node.Input.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            string name = node.Input[i];
            if (name.Length == 0)
            {
                continue;
            }

            Extent[]? entries = computes ? OfReal(name) : Of(name);
            if (entries is null || builder.Dims(name) is not { } dims || dims.Aggregate(1L, (a, d) => a * d) != entries.Length)
            {
                return null;
            }

            inputs[i] = new ExtentTensor(entries, dims);
        }

        if (builder.Dims(node.Output[0]) is not { } made || made.Aggregate(1L, (a, d) => a * d) is < 0 or > MaxEntries)
        {
            return null;
        }

        if (node.OpType == "ConstantOfShape" && inputs[0]?.Entries.Any(e => e.Reads.Any(IsLive)) == true)
        {
            // The length of what it makes changes with a cut, and its entries do not say so.
            return null;
        }

        Extent[]? result = ExtentArithmetic.Apply(node, inputs, made, builder.IsInteger(node.Output[0]));
        return result?.Length == made.Aggregate(1, (a, d) => a * d) ? result : null;
    }

    private Extent[]? Lengths(NodeProto node)
    {
        string x = node.Input[0];
        if (builder.Dims(x) is not { } dims)
        {
            return null;
        }

        Extent[] all = [.. dims.Select((d, axis) => Extent.Length(d, x, axis))];
        if (node.OpType == "Size")
        {
            return [Extent.From(dims.Aggregate(1.0, (a, d) => a * d), all)];
        }

        int start = Math.Clamp(CouplingBuilder.Axis(node.GetInt("start", 0), dims.Length), 0, dims.Length);
        int end = Math.Clamp(CouplingBuilder.Axis(node.GetInt("end", dims.Length), dims.Length), 0, dims.Length);
        return start < end ? all[start..end] : [];
    }
}
