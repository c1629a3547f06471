namespace EdgePrune.Pruner.Coupling;

/// <summary>An axis of a tensor.</summary>
public sealed record TensorAxis(string Tensor, int Axis);

/// <summary>Slices of one tensor that belong to a unit.</summary>
public sealed record UnitSlice(string Tensor, int Axis, IReadOnlyList<int> Indices, SliceRole Role);

/// <summary>The smallest set of slices that can only be removed together.</summary>
/// <param name="Id">Its place in <see cref="CouplingResult.Units"/>.</param>
/// <param name="Group">The group that it is in.</param>
/// <param name="Slices">What goes with it.</param>
/// <param name="Kind">What a person would call it.</param>
/// <param name="Inexact">Why the cut model differs from the masked one by nature; null where the two compute the same.</param>
public sealed record Unit(int Id, int Group, IReadOnlyList<UnitSlice> Slices, UnitKind Kind = UnitKind.Neuron, string? Inexact = null);

/// <summary>
/// Units that lie in the same tensors on the same axes, so that one can stand for another: the channels of a layer. One of each
/// group must stay.
/// </summary>
public sealed record UnitGroup(int Id, IReadOnlyList<Unit> Units, IReadOnlyList<TensorAxis> Slices)
{
    public UnitKind Kind => Units[0].Kind;

    public string? Inexact => Units[0].Inexact;
}

/// <summary>An axis of parameters that cannot be cut, wholly or in part, and why.</summary>
public sealed record FrozenAxis(string Tensor, int Axis, string Reason);

/// <summary>Units, their groups, and what is frozen.</summary>
public sealed class CouplingResult
{
    /// <summary>Reason of axes that nobody expects to be cut; they are not listed as frozen.</summary>
    internal const string KernelAxis = "kernel axis of a convolution";

    private readonly Dictionary<int, int> unitOfRoot = [];
    private readonly UnionFind elements;
    private readonly IReadOnlyDictionary<string, Layout> layouts;

    internal CouplingResult(OnnxGraphContext context, CouplingBuilder builder, IReadOnlyDictionary<string, Layout> layouts)
    {
        Context = context;
        elements = builder.Elements;
        Sources = builder.Sources;
        Extents = builder.Extents;
        this.layouts = layouts;

        var slices = new Dictionary<int, List<UnitSlice>>();
        var frozen = new List<FrozenAxis>();
        foreach (SourceTensor source in builder.Sources.Values)
        {
            foreach (AxisIds axis in source.Axes)
            {
                CollectAxis(builder, source.Name, axis, slices, frozen);
            }
        }

        foreach ((string value, int axis) in builder.ValueMasks.Order())
        {
            CollectValue(value, axis, slices);
        }

        Options = builder.Options;
        Frozen = frozen;
        (Units, Groups) = Arrange(slices, Places(elements, layouts.Values));
    }

    /// <summary>All units, by id: <c>Units[i].Id == i</c>.</summary>
    public IReadOnlyList<Unit> Units { get; }

    /// <summary>All groups, by id.</summary>
    public IReadOnlyList<UnitGroup> Groups { get; }

    public IReadOnlyList<FrozenAxis> Frozen { get; }

    /// <summary>What was looked for.</summary>
    public CouplingOptions Options { get; }

    internal OnnxGraphContext Context { get; }

    internal IReadOnlyDictionary<string, SourceTensor> Sources { get; }

    /// <summary>Numbers that the model computes from its shapes.</summary>
    internal Extents Extents { get; }

    /// <summary>The unit of each index along an axis of any value (−1: none), or null where the axis is fixed.</summary>
    public int[]? UnitsAlong(string value, int axis)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Ids(value, axis) is { } ids ? [.. ids.Select(id => unitOfRoot.GetValueOrDefault(elements.Find(id), -1))] : null;
    }

    /// <summary>Why an axis of any value cannot be cut, wholly or in part; null where every index along it is of a unit.</summary>
    public string? ReasonAlong(string value, int axis)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!layouts.TryGetValue(value, out Layout? layout))
        {
            return null;
        }

        return layout.GroupOf(axis) is not { } group
            ? layout.Reason
            : group.Ids.Where(id => !unitOfRoot.ContainsKey(elements.Find(id))).Select(elements.Reason).FirstOrDefault(r => r is not null);
    }

    /// <summary>Axes of a value that carry ids.</summary>
    internal IEnumerable<int> LiveAxes(string value) => layouts.TryGetValue(value, out Layout? layout) ? layout.Groups.Select(g => g.Axes[0]) : [];

    /// <summary>The raw ids along an axis, or null where it is fixed.</summary>
    internal int[]? Ids(string value, int axis) => layouts.TryGetValue(value, out Layout? layout) ? layout.GroupOf(axis)?.Ids : null;

    /// <summary>The set that an id is in.</summary>
    internal int Root(int id) => elements.Find(id);

    /// <summary>The sets that units stand for.</summary>
    internal IReadOnlyDictionary<int, int> UnitOfRoot => unitOfRoot;

    private static void CollectAxis(
        CouplingBuilder builder, string tensor, AxisIds axis, Dictionary<int, List<UnitSlice>> slices, List<FrozenAxis> frozen)
    {
        string? reason = null;
        var own = new Dictionary<int, List<int>>();
        for (int i = 0; i < axis.Ids.Length; i++)
        {
            if (builder.Elements.Reason(axis.Ids[i]) is { } why)
            {
                reason ??= why;
                continue;
            }

            int root = builder.Elements.Find(axis.Ids[i]);
            if (!own.TryGetValue(root, out List<int>? indices))
            {
                own[root] = indices = [];
            }

            indices.Add(i);
        }

        SliceRole role = axis.Ids.Select(id => builder.Roles.GetValueOrDefault(id)).FirstOrDefault(r => r != SliceRole.Parameter);
        foreach ((int root, List<int> indices) in own)
        {
            if (!slices.TryGetValue(root, out List<UnitSlice>? list))
            {
                slices[root] = list = [];
            }

            list.Add(new UnitSlice(tensor, axis.Axes[0], indices, role));
        }

        if (reason is not null && reason != KernelAxis)
        {
            frozen.Add(new FrozenAxis(tensor, axis.Axes[0], reason));
        }
    }

    private void CollectValue(string value, int axis, Dictionary<int, List<UnitSlice>> slices)
    {
        if (Ids(value, axis) is not { } ids)
        {
            return;
        }

        foreach (IGrouping<int, int> own in Enumerable.Range(0, ids.Length).GroupBy(i => elements.Find(ids[i])))
        {
            // A set that no parameter is in is no unit.
            if (slices.TryGetValue(own.Key, out List<UnitSlice>? list))
            {
                list.Add(new UnitSlice(value, axis, [.. own], SliceRole.Value));
            }
        }
    }

    // Where each unit lies in the values between the layers. Units that the same parameters make can part ways there (the halves
    // of a Split), and each of those axes must keep one.
    private static Dictionary<int, ulong> Places(UnionFind elements, IEnumerable<Layout> layouts)
    {
        var places = new Dictionary<int, ulong>();
        ulong axis = 0;
        foreach (AxisIds group in layouts.SelectMany(l => l.Groups))
        {
            axis++;
            foreach (int id in group.Ids)
            {
                int root = elements.Find(id);
                // FNV-1a over the axes, each as often as the unit stands on it: the same in every process, unlike HashCode.
                places[root] = (places.GetValueOrDefault(root, 14695981039346656037) ^ axis) * 1099511628211;
            }
        }

        return places;
    }

    private (IReadOnlyList<Unit> Units, IReadOnlyList<UnitGroup> Groups) Arrange(
        Dictionary<int, List<UnitSlice>> slices, Dictionary<int, ulong> places)
    {
        var members = new Dictionary<string, List<(int Root, List<UnitSlice> Slices)>>(StringComparer.Ordinal);
        // A set of slices that no operator makes or reads as weights is no unit: scales of a Resize, say.
        foreach ((int root, List<UnitSlice> list) in slices.Where(s => s.Value.Any(slice => slice.Role is SliceRole.Output or SliceRole.Input)))
        {
            if (!Options.Wants(elements.Kind(root)))
            {
                continue;
            }

            string signature = string.Join('\n', list.Select(s => $"{s.Tensor}\t{s.Axis}\t{s.Indices.Count}"))
                + places[root] + elements.Kind(root) + elements.Inexact(root);
            if (!members.TryGetValue(signature, out var group))
            {
                members[signature] = group = [];
            }

            group.Add((root, list));
        }

        var units = new List<Unit>();
        var groups = new List<UnitGroup>();
        foreach (var group in members.Values)
        {
            var own = new List<Unit>();
            foreach ((int root, List<UnitSlice> list) in group)
            {
                unitOfRoot[root] = units.Count;
                own.Add(new Unit(units.Count, groups.Count, list, elements.Kind(root), elements.Inexact(root)));
                units.Add(own[^1]);
            }

            groups.Add(new UnitGroup(groups.Count, own, [.. own[0].Slices.Select(s => new TensorAxis(s.Tensor, s.Axis))]));
        }

        return (units, groups);
    }
}
