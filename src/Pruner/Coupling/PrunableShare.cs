using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;

namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// How much of a model its units reach. A parameter is prunable where it goes with at least one unit. The multiply-accumulates of a
/// layer are prunable, all of them, where at least one of its channel axes, input or output, carries a unit: then the layer
/// becomes cheaper as units go, though one unit of each group has to stay. The share says what pruning can act on, not how far it can go.
/// </summary>
public sealed class PrunableShare
{
    private readonly CouplingResult coupling;
    private readonly Dictionary<TensorAxis, int[]?> units = [];
    private readonly HashSet<NodeProto> prunable = new(ReferenceEqualityComparer.Instance);

    private PrunableShare(CouplingResult coupling, ModelStatistics statistics)
    {
        this.coupling = coupling;
        Params = statistics.Params;
        Macs = statistics.Macs;
        foreach (NodeStatistics node in statistics.Nodes.Where(n => n.Macs > 0))
        {
            if (MacAxes.Of(node.Node, Rank).Any(term => term.Any(axis => UnitsAlong(axis) is { } along && along.Any(u => u >= 0))))
            {
                prunable.Add(node.Node);
                PrunableMacs += node.Macs;
            }
        }

        PrunableParams = Costs(statistics, _ => 0, 1)[0].Params;
        Groups = Costs(statistics, unit => coupling.Units[unit].Group, coupling.Groups.Count);
        UnitKind[] kinds = [.. coupling.Groups.Select(g => g.Kind).Distinct().Order()];
        UnitCost[] costs = Costs(statistics, unit => Array.IndexOf(kinds, coupling.Units[unit].Kind), kinds.Length);
        Kinds = kinds.Zip(costs).ToDictionary(k => k.First, k => k.Second);
    }

    /// <summary>Parameters of the model.</summary>
    public long Params { get; }

    /// <summary>Those of them that go with some unit.</summary>
    public long PrunableParams { get; }

    /// <summary>Multiply-accumulates of one run.</summary>
    public long Macs { get; }

    /// <summary>Those of layers that units reach.</summary>
    public long PrunableMacs { get; }

    /// <summary>0 to 1; 0 where the model has none.</summary>
    public double ParamsShare => Params == 0 ? 0 : (double)PrunableParams / Params;

    /// <summary>0 to 1; 0 where the model has none.</summary>
    public double MacsShare => Macs == 0 ? 0 : (double)PrunableMacs / Macs;

    /// <summary>What would go with all units of a group, by its id. Groups share weights, so these sum up to more than the model.</summary>
    public IReadOnlyList<UnitCost> Groups { get; }

    /// <summary>What would go with all units of a kind.</summary>
    public IReadOnlyDictionary<UnitKind, UnitCost> Kinds { get; }

    /// <param name="coupling">The units.</param>
    /// <param name="statistics">Of the model that they were found in.</param>
    public static PrunableShare Of(CouplingResult coupling, ModelStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(statistics);
        return new PrunableShare(coupling, statistics);
    }

    /// <summary>True where a layer multiplies and units reach it.</summary>
    public bool Reaches(NodeProto layer) => prunable.Contains(layer);

    private UnitCost[] Costs(ModelStatistics statistics, Func<int, int> keyOf, int keys)
    {
        var parameters = new double[keys];
        var macs = new double[keys];
        foreach (NodeStatistics node in statistics.Nodes)
        {
            foreach (string parameter in node.Parameters)
            {
                Add(parameters, Axes(parameter), Elements(parameter), keyOf);
            }

            if (prunable.Contains(node.Node))
            {
                IReadOnlyList<TensorAxis>[] terms = [.. MacAxes.Of(node.Node, Rank)];
                double[] weights = [.. terms.Select(t => t.Aggregate(1.0, (product, axis) => product * Length(axis)))];
                for (int i = 0; i < terms.Length; i++)
                {
                    Add(macs, terms[i], node.Macs * weights[i] / weights.Sum(), keyOf);
                }
            }
        }

        return [.. parameters.Zip(macs, (p, m) => new UnitCost((long)Math.Round(p), (long)Math.Round(m)))];
    }

    // What stays is the product of what stays of each axis.
    private void Add(double[] totals, IReadOnlyList<TensorAxis> axes, double amount, Func<int, int> keyOf)
    {
        var stays = new Dictionary<int, double>();
        foreach (TensorAxis axis in axes)
        {
            if (UnitsAlong(axis) is { } along)
            {
                foreach (IGrouping<int, int> cut in along.Where(u => u >= 0).GroupBy(keyOf))
                {
                    stays[cut.Key] = stays.GetValueOrDefault(cut.Key, 1) * (1 - ((double)cut.Count() / along.Length));
                }
            }
        }

        foreach ((int key, double share) in stays)
        {
            totals[key] += amount * (1 - share);
        }
    }

    private int[]? UnitsAlong(TensorAxis axis)
    {
        if (!units.TryGetValue(axis, out int[]? along))
        {
            units[axis] = along = coupling.UnitsAlong(axis.Tensor, axis.Axis);
        }

        return along;
    }

    private IReadOnlyList<TensorAxis> Axes(string value) => [.. Enumerable.Range(0, Rank(value)).Select(axis => new TensorAxis(value, axis))];

    private int Rank(string value) => Dims(value).Length;

    private double Length(TensorAxis axis) => Dims(axis.Tensor)[axis.Axis];

    private double Elements(string value) => Dims(value).Aggregate(1.0, (product, dim) => product * dim);

    private long[] Dims(string value) =>
        coupling.Context.Shapes.TryGetValue(value, out ValueShape? shape) ? shape.Dims
        : coupling.Sources.TryGetValue(value, out SourceTensor? source) ? Array.ConvertAll(source.Dims, d => (long)d)
        : coupling.Context.Index.Constant(value) is { } constant ? [.. constant.Dims] : [];
}
