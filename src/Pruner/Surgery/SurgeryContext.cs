using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery;

/// <summary>
/// What operator rules ask while a model is being cut: how long each axis was and will be. Lengths and constants are those of
/// the original; the graph being rewritten is a copy.
/// </summary>
internal sealed class SurgeryContext
{
    private readonly CouplingResult coupling;
    private readonly HashSet<int> removed;
    private readonly GraphProto graph;
    private readonly HashSet<string> names;
    private readonly Dictionary<(string Value, int Axis), int[]?> counts = [];

    /// <param name="coupling">Analysis of the original.</param>
    /// <param name="removed">Ids of the units to be removed.</param>
    /// <param name="graph">The copy that is being rewritten.</param>
    public SurgeryContext(CouplingResult coupling, IEnumerable<int> removed, GraphProto graph)
    {
        this.coupling = coupling;
        var units = removed.ToHashSet();
        this.removed = [.. coupling.UnitOfRoot.Where(u => units.Contains(u.Value)).Select(u => u.Key)];
        this.graph = graph;
        names = [.. graph.Initializer.Select(i => i.Name), .. graph.Node.SelectMany(n => n.Output), .. graph.Input.Select(i => i.Name)];
    }

    /// <summary>Index of the original graph.</summary>
    public GraphIndex Index => coupling.Context.Index;

    public int Opset => coupling.Context.Opset;

    /// <summary>Dimensions in the original; none where nothing is known of a value, which is then not cut either.</summary>
    public int[] Dims(string value) =>
        coupling.Context.Shapes.TryGetValue(value, out var shape) ? Array.ConvertAll(shape.Dims, d => (int)d)
        : coupling.Sources.TryGetValue(value, out SourceTensor? source) ? source.Dims
        : Index.Constant(value) is { } constant ? TensorReader.Dims(constant) : [];

    public int Rank(string value) => Dims(value).Length;

    /// <summary>Length of an axis in the original.</summary>
    public int Length(string value, int axis) => Dims(value)[axis];

    /// <summary>Length of an axis once it is cut.</summary>
    public int LengthAfter(string value, int axis) => Survivors(value, axis) ?? Length(value, axis);

    /// <summary>Lengths of all axes once they are cut.</summary>
    public long[] LengthsAfter(string value) => [.. Enumerable.Range(0, Rank(value)).Select(axis => (long)LengthAfter(value, axis))];

    /// <summary>Indices left along an axis, or null where it carries no ids.</summary>
    public int? Survivors(string value, int axis) => Counts(value, axis)?[^1];

    public bool IsCut(string value, int axis) => Survivors(value, axis) is { } left && left < Length(value, axis);

    public bool IsCut(string value) => coupling.LiveAxes(value).Any(axis => IsCut(value, axis));

    /// <summary>How many of the first <paramref name="index"/> indices of an axis are left.</summary>
    public int CountBefore(string value, int axis, int index) => Counts(value, axis) is { } c ? c[index] : index;

    public bool Survives(string value, int axis, int index) => CountBefore(value, axis, index + 1) > CountBefore(value, axis, index);

    /// <summary>
    /// The integers that a value holds in the probe run of the original, where they are constant or computed from shapes; null where
    /// they are not. Whether they are the same in every run is for the rule to see to when it relates.
    /// </summary>
    public long[]? Numbers(string? value) => coupling.Extents.Of(value) is { } entries ? [.. entries.Select(e => (long)e.Number)] : null;

    /// <summary>Numbers of a value as the analysis follows them, with the lengths that they depend on.</summary>
    public Extent[]? Extents(string? value) => coupling.Extents.Of(value);

    /// <summary>True where an entry of a shape differs from run to run, so that Reshape has to find it by itself.</summary>
    public bool IsLeftToReshape(string output, int entry) => coupling.Extents.LeftToReshape.TryGetValue(output, out int left) && left == entry;

    /// <summary>True where a value is computed from a length that changes.</summary>
    public bool Moves(string? value) =>
        coupling.Extents.Of(value) is { } entries && entries.Any(e => e.Reads.Any(r => IsCut(r.Value, r.Axis)));

    /// <summary>Adds a constant to the copy under a name of its own: the old one may have other readers.</summary>
    public string AddInts(string name, long[] values)
    {
        string free = FreeName(name);
        graph.Initializer.Add(TensorEditor.FromInts(free, values, values.Length));
        return free;
    }

    /// <summary>Adds a constant under a name of its own.</summary>
    public string AddTensor(string name, TensorProto tensor)
    {
        TensorProto added = tensor.Clone();
        added.Name = FreeName(name);
        graph.Initializer.Add(added);
        return added.Name;
    }

    /// <summary>Adds a constant of rank zero.</summary>
    public string AddInt(string name, long value)
    {
        string free = FreeName(name);
        graph.Initializer.Add(TensorEditor.FromInts(free, [value]));
        return free;
    }

    /// <summary>Adds a node of two inputs and returns its output. It is put in its place once all nodes are rewritten.</summary>
    public string AddNode(string op, string name, string a, string b)
    {
        string free = FreeName(name);
        AddedNodes.Add(new NodeProto { OpType = op, Name = free, Input = { a, b }, Output = { free } });
        return free;
    }

    /// <summary>Nodes that rules have added, in the order in which they did.</summary>
    public List<NodeProto> AddedNodes { get; } = [];

    /// <summary>A name that nothing in the copy has, and that is taken from now on.</summary>
    public string FreeName(string name)
    {
        string free = name;
        for (int i = 1; !names.Add(free); i++)
        {
            free = $"{name}_{i}";
        }

        return free;
    }

    /// <summary>A tensor of parameters without the slices that go.</summary>
    public TensorProto Take(string source, TensorProto tensor)
    {
        var cuts = new List<(int Axis, int[] Keep)>();
        foreach (AxisIds axis in coupling.Sources[source].Axes.Where(a => IsCut(source, a.Axes[0])))
        {
            cuts.Add((axis.Axes[0], [.. Enumerable.Range(0, axis.Ids.Length).Where(i => Survives(source, axis.Axes[0], i))]));
        }

        return cuts.Count == 0 ? tensor : TensorEditor.Take(tensor, cuts);
    }

    // Running counts: entry i is how many of the first i indices are left.
    private int[]? Counts(string value, int axis)
    {
        if (counts.TryGetValue((value, axis), out int[]? known))
        {
            return known;
        }

        int[]? made = null;
        if (coupling.Ids(value, axis) is { } ids)
        {
            made = new int[ids.Length + 1];
            for (int i = 0; i < ids.Length; i++)
            {
                made[i + 1] = made[i] + (removed.Contains(coupling.Root(ids[i])) ? 0 : 1);
            }
        }

        counts[(value, axis)] = made;
        return made;
    }
}
