using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Coupling;

/// <summary>Collects the relations that the operator rules state; see <see cref="IOperatorRule"/>.</summary>
internal sealed partial class CouplingBuilder
{
    private readonly IReadOnlyDictionary<string, ValueShape> shapes;
    private readonly Dictionary<string, Layout> layouts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceTensor> sources = new(StringComparer.Ordinal);
    private readonly Dictionary<int, SliceRole> roles = [];
    private readonly HashSet<(AxisIds Group, int Axis)> barred = [];
    private readonly HashSet<(string Value, int Axis)> valueMasks = [];

    public CouplingBuilder(OnnxGraphContext context, CouplingOptions options)
    {
        Options = options;
        shapes = context.Shapes;
        Index = context.Index;
        Opset = context.Opset;
        Extents = new Extents(this);
        foreach (TensorProto initializer in Index.Graph.Initializer)
        {
            AddSource(initializer);
        }
    }

    public GraphIndex Index { get; }

    public int Opset { get; }

    public CouplingOptions Options { get; }

    /// <summary>Integer values computed from shapes, as far as they can be followed.</summary>
    public Extents Extents { get; }

    public UnionFind Elements { get; } = new();

    /// <summary>Ties of parameters to joint groups that wait until the group's axis is chosen.</summary>
    public JointTies Ties { get; } = new();

    /// <summary>Tensors that hold parameters and can be sliced: initializers and constants.</summary>
    public IReadOnlyDictionary<string, SourceTensor> Sources => sources;

    public IReadOnlyDictionary<string, Layout> Layouts => layouts;

    public IReadOnlyDictionary<int, SliceRole> Roles => roles;

    /// <summary>Places between the layers where a mask has to be put on the value itself; see <see cref="SliceRole.Value"/>.</summary>
    public IReadOnlyCollection<(string Value, int Axis)> ValueMasks => valueMasks;

    /// <summary>A tensor of the file that may hold parameters; shapes, indices and flags have no units.</summary>
    public void AddSource(TensorProto tensor)
    {
        DataType type = ElementTypes.TypeOf(tensor);
        bool holdsWeights = type is DataType.Float or DataType.Float16 or DataType.Double or DataType.Bfloat16
            or DataType.Int8 or DataType.Uint8 or DataType.Int16 or DataType.Uint16
            || (type == DataType.Int32 && Index.Consumers(tensor.Name).Any(node => Rules.Quantization.TakesInt32(node, tensor.Name)));
        if (holdsWeights)
        {
            AddSource(tensor.Name, TensorReader.Dims(tensor));
            return;
        }

        // Elements smaller than a byte cannot be sliced where they lie.
        string why = ElementTypes.Bits(type) is > 0 and < 8 ? $"holds {type}, packed into bytes" : $"holds {type}, no weights";
        Set(tensor.Name, Layout.Fixed($"'{tensor.Name}' {why}"));
    }

    /// <summary>Makes every axis of a tensor of parameters a vector of new ids. Axes of length one carry none: they cannot be cut.</summary>
    public Layout AddSource(string name, int[] dims)
    {
        var groups = new List<AxisIds>();
        for (int axis = 0; axis < dims.Length; axis++)
        {
            // Integer vectors of absurd length are data, not channels.
            if (dims[axis] is > 1 and <= 1 << 20)
            {
                groups.Add(AxisIds.Single(axis, Elements.Add(dims[axis])));
            }
        }

        var layout = new Layout(groups, "an axis of length one");
        sources[name] = new SourceTensor(name, dims, groups);
        layouts[name] = layout;
        return layout;
    }

    /// <summary>An input across an open border: the axes named can be cut, as if the layer that makes it stood here.</summary>
    public Layout AddOpenInput(string name, int[] dims, IEnumerable<int> axes)
    {
        AxisIds[] groups = [.. axes.Where(axis => dims[axis] > 1).Select(axis => AxisIds.Single(axis, Elements.Add(dims[axis])))];
        foreach (AxisIds group in groups)
        {
            Mark(group.Ids, SliceRole.Output);
        }

        sources[name] = new SourceTensor(name, dims, groups);
        return new Layout(groups, $"graph input '{name}'");
    }

    /// <summary>The layout of a value; fixed where nothing is known of it.</summary>
    public Layout Of(string value) => layouts.TryGetValue(value, out Layout? layout) ? layout : Layout.Fixed($"'{value}' is not known");

    public void Set(string value, Layout layout)
    {
        if (value.Length > 0)
        {
            layouts[value] = layout;
        }
    }

    /// <summary>Sets output <paramref name="index"/> of a node, if it has that many.</summary>
    public void SetOutput(NodeProto node, int index, Layout layout)
    {
        if (index < node.Output.Count)
        {
            Set(node.Output[index], layout);
        }
    }

    /// <summary>Dimensions in the probe run, or of the constant; null where unknown (not a tensor).</summary>
    public int[]? Dims(string value)
    {
        if (shapes.TryGetValue(value, out ValueShape? shape))
        {
            return Array.ConvertAll(shape.Dims, d => checked((int)d));
        }

        return sources.TryGetValue(value, out SourceTensor? source) ? source.Dims
            : Index.Constant(value) is { } constant ? TensorReader.Dims(constant) : null;
    }

    /// <summary>True where a value holds whole numbers (or flags).</summary>
    public bool IsInteger(string value) =>
        shapes.TryGetValue(value, out ValueShape? shape)
        && shape.Type is not (TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16 or TensorElementType.BFloat16);

    public int Rank(string value) => Dims(value)?.Length ?? 0;

    /// <summary>A negative axis counts from the end.</summary>
    public static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    public void Unite(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        if (a.Length != b.Length)
        {
            throw new InvalidOperationException($"axes of {a.Length} and {b.Length} indices cannot be related one to one");
        }

        for (int i = 0; i < a.Length; i++)
        {
            Elements.Union(a[i], b[i]);
        }
    }

    public void Freeze(IEnumerable<int> ids, string reason)
    {
        foreach (int id in ids)
        {
            Elements.Freeze(id, reason);
        }
    }

    /// <summary>Freezes the ids along one axis, if there are any.</summary>
    public void FreezeAxis(string value, int axis, string reason)
    {
        if (Of(value).GroupOf(axis) is { } group)
        {
            Freeze(group.Ids, reason);
        }
    }

    /// <summary>
    /// Keeps the length of an axis, which is read as a number. Ids that run over other axes too can still go along those: what is
    /// read stays then.
    /// </summary>
    public void KeepLength(string value, int axis, string reason)
    {
        if (Of(value).GroupOf(axis) is { IsSingle: false } joint)
        {
            Bar(joint, axis);
        }
        else
        {
            FreezeAxis(value, axis, reason);
        }
    }

    /// <summary>Freezes every id of a value.</summary>
    public void FreezeAll(string value, string reason)
    {
        foreach (AxisIds group in Of(value).Groups)
        {
            Freeze(group.Ids, reason);
        }
    }

    /// <summary>An operator without a rule, or a form of it that its rule does not cover: whatever it touches stays as it is.</summary>
    public void Unknown(NodeProto node, string? because = null)
    {
        string reason = because is null ? $"{node.Describe()}: no rule for this operator" : $"{node.Describe()}: {because}";
        foreach (string input in GraphIndex.Reads(node))
        {
            FreezeAll(input, reason);
            Extents.FreezeReads(input, reason);
        }

        foreach (string output in node.Output)
        {
            Set(output, Layout.Fixed(reason));
        }
    }

    /// <summary>
    /// The ids along exactly one axis, or null where it is fixed. Ids that run over this axis and others jointly are first made
    /// to agree along the others: the operator at hand sees only this axis.
    /// </summary>
    public int[]? Ids(string value, int axis)
    {
        Layout layout = Of(value);
        if (layout.GroupOf(axis) is not { } group)
        {
            return null;
        }

        if (group.IsSingle)
        {
            return group.Ids;
        }

        // A barred axis keeps every index: the ids then belong to another axis of the group.
        int chosen = IsBarred(group, axis) ? group.Axes.Where(a => !IsBarred(group, a)).DefaultIfEmpty(axis).First() : axis;
        AxisIds single = Project(group, chosen);
        if (IsBarred(group, chosen))
        {
            Freeze(single.Ids, "operators need every index along each of the axes that share these units");
        }

        Set(value, layout.Without(group).With(single));
        return chosen == axis ? single.Ids : null;
    }

    /// <summary>Unites ids along all axes of a joint group but one and returns the ids along that one.</summary>
    public AxisIds Project(AxisIds group, int axis)
    {
        int position = Array.IndexOf(group.Axes, axis);
        var ids = new List<int>(group.Sizes[position]);
        foreach (IReadOnlyList<int> slab in group.Slabs(position))
        {
            foreach (int id in slab)
            {
                Elements.Union(slab[0], id);
            }

            ids.Add(slab[0]);
        }

        return AxisIds.Single(axis, [.. ids]);
    }

    /// <summary>Says that a joint group must not be cut along one of its axes: an operator needs every index there.</summary>
    public void Bar(AxisIds group, int axis) => barred.Add((group, axis));

    /// <summary>True where <see cref="Bar"/> was called for this axis.</summary>
    public bool IsBarred(AxisIds group, int axis) => barred.Contains((group, axis));

    /// <summary>
    /// Relates two axes index by index, as a sum over them or an elementwise operator does. Where only one of them can be cut,
    /// it is frozen for the other's reason.
    /// </summary>
    public void Match(int[]? a, string reasonA, int[]? b, string reasonB)
    {
        if (a is not null && b is not null)
        {
            Unite(a, b);
        }
        else
        {
            Freeze(a ?? b ?? [], a is null ? reasonA : reasonB);
        }
    }
}
