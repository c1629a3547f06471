using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Budget;

/// <summary>
/// What can be counted without a device: multiply-accumulates of each node, bytes of each tensor of parameters, and bytes of the values
/// that are alive while each node runs. Each is a product of widths.
/// </summary>
public sealed class PaperCosts
{
    // Their result can take the place of what they read, and in ONNX Runtime it does.
    private static readonly HashSet<string> InPlace =
        ["Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Elu", "Selu", "Gelu", "BatchNormalization", "Dropout", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Add", "Sum", "Mul", "Sub", "Div"];

    private readonly CouplingResult coupling;
    private readonly ValueTable table;
    private readonly Dictionary<(string, int), LayerWidth> widths = [];

    private PaperCosts(CouplingResult coupling, ModelStatistics statistics, ValueTable table)
    {
        this.coupling = coupling;
        this.table = table;
        Terms = [.. Macs(statistics).Concat(Parameters())];
        Values = Alive(coupling.Context.Index.Graph, out IReadOnlyList<IReadOnlyList<int>> moments);
        Moments = moments;
    }

    /// <summary>Multiply-accumulates of nodes, and bytes of parameters.</summary>
    public IReadOnlyList<CountedTerm> Terms { get; }

    /// <summary>Bytes of values between the layers.</summary>
    public IReadOnlyList<CountedValue> Values { get; }

    /// <summary>For each moment the values, by place, that are alive together; a moment that another one contains is left out.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Moments { get; }

    /// <param name="model">The model that the units were found in.</param>
    /// <param name="coupling">Its units.</param>
    /// <param name="shapes">Shapes of its values.</param>
    public static PaperCosts Of(OnnxModel model, CouplingResult coupling, IReadOnlyDictionary<string, ValueShape> shapes)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(model);
        return new PaperCosts(coupling, ModelStatistics.Of(model, shapes), new ValueTable(model.Graph, shapes));
    }

    /// <summary>What can be chosen where only counted costs are limited; no device is needed.</summary>
    /// <param name="scores">Importance by unit id.</param>
    /// <param name="blocks">Blocks and layers that may go as a whole; none where null.</param>
    public BudgetSpace Space(IReadOnlyList<double> scores, IReadOnlyList<BlockUnit>? blocks = null) => new(coupling, scores, [.. Terms.Select(t => t.Term)])
    {
        Values = [.. Values.Select(v => v.Term)],
        Moments = Moments,
        Blocks = BlockChoices.Of(
            blocks ?? [], coupling, scores, [.. Terms.Select(t => t.Node is null ? (IReadOnlyList<string>)[] : [t.Node])], [.. Terms.Select(t => t.Tensor)], [.. Values.Select(v => v.Value)]),
    };

    /// <summary>What a network costs in which <paramref name="kept"/> units of each group stay; every unit where null.</summary>
    public PaperCost At(IReadOnlyList<int>? kept = null) => At(kept ?? [.. coupling.Groups.Select(g => g.Units.Count)], []);

    /// <param name="kept">Units that stay, by group.</param>
    /// <param name="blocks">Blocks and layers that are gone.</param>
    internal PaperCost At(IReadOnlyList<int> kept, IReadOnlyCollection<BlockUnit> blocks)
    {
        HashSet<string> nodes = [.. blocks.SelectMany(b => b.Nodes)];
        HashSet<string> parameters = [.. blocks.SelectMany(b => b.Parameters)];
        LayerCost sum = default;
        foreach ((CostTerm term, string? node, string? tensor) in Terms)
        {
            bool gone = (node is not null && nodes.Contains(node)) || (tensor is not null && parameters.Contains(tensor));
            sum += gone ? default : term.At(kept);
        }

        double[] bytes = [.. Values.Select(v => nodes.Contains(v.Value) ? 0 : v.Term.At(kept).Bytes)];
        double peak = Moments.Count == 0 ? 0 : Moments.Max(moment => moment.Sum(v => bytes[v]));
        return new PaperCost(sum.Macs, sum.Bytes, sum.Bytes + peak);
    }

    private IEnumerable<CountedTerm> Macs(ModelStatistics statistics)
    {
        foreach (NodeStatistics node in statistics.Nodes.Where(n => n.Macs > 0))
        {
            IReadOnlyList<TensorAxis>[] terms = [.. MacAxes.Of(node.Node, v => Dims(v).Length)];
            double[] weights = [.. terms.Select(t => t.Aggregate(1.0, (product, axis) => product * Dims(axis.Tensor)[axis.Axis]))];
            for (int i = 0; i < terms.Length; i++)
            {
                double macs = node.Macs * weights[i] / weights.Sum();
                yield return new CountedTerm(Product([.. terms[i].Select(a => (a.Tensor, a.Axis))], share => new LayerCost(0, 0, Macs: macs * share)), node.Node.Output[0], null);
            }
        }
    }

    private IEnumerable<CountedTerm> Parameters()
    {
        foreach (TensorProto tensor in coupling.Context.Index.Graph.Initializer)
        {
            double bytes = table.Bytes(tensor.Name);
            (string, int)[] axes = [.. Enumerable.Range(0, tensor.Dims.Count).Select(axis => (tensor.Name, axis))];
            yield return new CountedTerm(Product(axes, share => new LayerCost(0, 0, Bytes: bytes * share)), null, tensor.Name);
        }
    }

    // The share of the axes' elements that stays, as a cost.
    private CostTerm Product(IReadOnlyList<(string Tensor, int Axis)> axes, Func<double, LayerCost> cost)
    {
        LayerWidth[] live = [.. axes.Select(a => Width(a.Tensor, a.Axis)).Where(w => w.Parts.Count > 0)];
        int[] full = [.. live.Select(w => w.At([.. coupling.Groups.Select(g => g.Units.Count)]))];
        return new CostTerm(live, at => cost(at.Select((w, i) => (double)w / full[i]).Aggregate(1.0, (product, s) => product * s)));
    }

    private LayerWidth Width(string tensor, int axis)
    {
        if (!widths.TryGetValue((tensor, axis), out LayerWidth? width))
        {
            int[] units = coupling.UnitsAlong(tensor, axis) ?? [];
            WidthPart[] parts = [.. units.Where(u => u >= 0).GroupBy(u => coupling.Units[u].Group).Select(g => new WidthPart(g.Key, g.Count() / g.Distinct().Count()))];
            widths[(tensor, axis)] = width = new LayerWidth(units.Count(u => u < 0), parts);
        }

        return width;
    }

    private List<CountedValue> Alive(GraphProto graph, out IReadOnlyList<IReadOnlyList<int>> moments)
    {
        var index = coupling.Context.Index;
        var buffers = new Dictionary<string, int>(StringComparer.Ordinal);
        var values = new List<CountedValue>();
        var last = new Dictionary<int, int>();
        var first = new Dictionary<int, int>();
        void Touch(int buffer, int moment)
        {
            first.TryAdd(buffer, moment);
            last[buffer] = Math.Max(last.GetValueOrDefault(buffer), moment);
        }

        int Buffer(string value)
        {
            if (!buffers.TryGetValue(value, out int buffer))
            {
                double bytes = table.Bytes(value);
                (string, int)[] axes = [.. Enumerable.Range(0, Dims(value).Length).Select(a => (value, a))];
                buffers[value] = buffer = values.Count;
                values.Add(new CountedValue(Product(axes, share => new LayerCost(0, 0, Bytes: bytes * share)), value));
            }

            return buffer;
        }

        foreach (ValueInfoProto input in index.Inputs)
        {
            Touch(Buffer(input.Name), -1);
        }

        for (int i = 0; i < graph.Node.Count; i++)
        {
            NodeProto node = graph.Node[i];
            string[] reads = [.. GraphIndex.Reads(node).Where(v => v.Length > 0 && index.Initializer(v) is null)];
            foreach (string read in reads.Where(r => buffers.ContainsKey(r)))
            {
                Touch(buffers[read], i);
            }

            foreach (string output in node.Output.Where(o => o.Length > 0))
            {
                // A result lies where an operand of its size lay that nobody reads any more.
                string? place = InPlace.Contains(node.OpType)
                    ? reads.FirstOrDefault(r => buffers.ContainsKey(r) && !index.Outputs.Contains(r) && table.Bytes(r) == table.Bytes(output) && index.Consumers(r).Count == 1 && index.Producer(r) is not null)
                    : null;
                if (place is not null)
                {
                    buffers[output] = buffers[place];
                }

                Touch(Buffer(output), index.Outputs.Contains(output) ? graph.Node.Count : i);
            }
        }

        moments = Maximal(first, last, graph.Node.Count);
        return values;
    }

    // Of moments that follow each other only those count at which something is still alive that dies with them and something is alive
    // that was not before: every other one is contained in a neighbour.
    private static List<IReadOnlyList<int>> Maximal(Dictionary<int, int> first, Dictionary<int, int> last, int nodes)
    {
        ILookup<int, int> born = first.ToLookup(f => Math.Max(f.Value, 0), f => f.Key);
        ILookup<int, int> dying = last.ToLookup(l => Math.Min(l.Value, nodes - 1), l => l.Key);
        var moments = new List<IReadOnlyList<int>>();
        var alive = new SortedSet<int>();
        bool any = false;
        for (int moment = 0; moment < nodes; moment++)
        {
            alive.UnionWith(born[moment]);
            any |= born[moment].Any();
            if (any && dying[moment].Any())
            {
                moments.Add([.. alive]);
                any = false;
            }

            alive.ExceptWith(dying[moment]);
        }

        return moments;
    }

    private long[] Dims(string value) => table.Dims(value) ?? [];
}
