using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Measures blocks on this machine: cuts the block, lets the runtime optimise it in the layout that it has in the network, and
/// times the nodes that execute it in isolated loops. Layout changes at the block's border are not counted.
/// </summary>
public sealed class RuntimeBlockTimer : IBlockTimer, IDisposable
{
    // Where the runtime's buffers happen to lie moves a layer of a few microseconds by a tenth and more, and stays as it is for as long
    // as a session lives; so a point is the median over new sessions.
    private const int Sittings = 3;
    private const int MostSittings = 6;
    private const int Rounds = 3;
    private const int HurriedRounds = 2;
    private const double Noisy = 0.04;
    private const int NetworkSittings = 3;
    private const int NetworkRounds = 5;
    private const double NetworkSlice = 20e-3;
    private const double NetworkPatience = 0.3;
    private const double Slice = 0.6e-3;
    private const double Patience = 40e-3;
    private const double HurriedPatience = 2e-3;
    private readonly IBlockResizer resizer;
    private readonly SessionSettings settings;
    private readonly TimeProvider clock;
    private readonly long rotation;
    private readonly QuietRunner runner;
    private readonly EmptyLoops empties;
    private string problem = "";

    /// <param name="resizer">Cuts blocks.</param>
    /// <param name="settings">Threads, provider and optimisation level.</param>
    /// <param name="rotation">Bytes that the network touches between two uses of a weight.</param>
    /// <param name="best">What the reference loop took, in seconds, at the best speed that earlier sweeps saw; null where there were none.</param>
    public RuntimeBlockTimer(IBlockResizer resizer, SessionSettings settings, long rotation, double? best, TimeProvider clock)
    {
        this.resizer = resizer;
        this.settings = settings;
        this.rotation = rotation;
        this.clock = clock;
        runner = new QuietRunner(settings, clock, best) { Patience = double.PositiveInfinity };
        empties = new EmptyLoops(runner.Reference.Model.Proto, settings, runner, clock);
    }

    /// <summary>Seconds of the reference loop at the best speed seen; all points are times at this speed.</summary>
    public double BestReference => runner.Speed.Best;

    public BlockMeasurement Measure(CostBlock block, IReadOnlyList<int> widths, bool hurried, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(widths);
        OnnxModel wrapped = Wrapped(block, widths);
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(wrapped);
        ModelStatistics statistics = ModelStatistics.Of(wrapped, shapes);
        using NamedValues inputs = ProbedInputs.Make(wrapped, shapes);
        using ExecutedValues executed = ExecutedValues.Of(wrapped, statistics, inputs, settings);
        Layer[] layers = [.. executed.Graph.Layers.Where(IsOwn)];
        double[] times = Times(executed, layers, hurried, cancel) ?? throw new InputException($"a node cannot be timed on its own: {problem}");
        return new BlockMeasurement(
            Order.MedianInterval(times),
            layers.Sum(l => l.Macs),
            layers.Sum(l => l.BytesMoved),
            layers.Sum(l => l.WeightBytes),
            layers.Sum(l => l.ActivationBytes))
        {
            OutputBytes = block.Model.Graph.Output.Sum(o => executed.Table.Bytes(o.Name)),
            Layout = LayoutOf(block, executed.Graph),
        };
    }

    public BlockPath? Describe(CostBlock block, IReadOnlyList<int> widths)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(widths);
        var graph = ExecutedGraph.Of(Wrapped(block, widths), settings);
        return PathSignature.Of(graph, [.. graph.Layers.Where(IsOwn)], LayoutOf(block, graph), widths);
    }

    /// <summary>Seconds of the layout changes of a value; null where this runtime has no blocked layout for it.</summary>
    /// <param name="plane">Elements of one channel.</param>
    /// <param name="channels">Number of channels.</param>
    /// <param name="hurried">Whether one quick reading must do.</param>
    /// <param name="cancel">Ends the measurement.</param>
    public (double ToBlocked, double FromBlocked)? MeasureReorders(long plane, int channels, bool hurried, CancellationToken cancel)
    {
        OnnxModel model = LayoutAdapter.Between(plane, channels);
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        using NamedValues inputs = ProbedInputs.Make(model, shapes);
        using ExecutedValues executed = ExecutedValues.Of(model, ModelStatistics.Of(model, shapes), inputs, settings);
        Layer? to = executed.Graph.Layers.FirstOrDefault(l => l.Op == "ReorderInput");
        Layer? from = executed.Graph.Layers.FirstOrDefault(l => l.Op == "ReorderOutput");
        if (to is null || from is null)
        {
            return null;
        }

        double Time(Layer layer)
        {
            return Times(executed, [layer], hurried, cancel) is { } times ? Order.Median(times) : 0;
        }

        return (Time(to), Time(from));
    }

    /// <summary>Latency of the whole network at the machine's best speed.</summary>
    public Interval MeasureNetwork(OnnxModel model, IReadOnlyDictionary<string, OrtValue> inputs, CancellationToken cancel)
    {
        var readings = new PacedReading[NetworkSittings * NetworkRounds];
        for (int sitting = 0; sitting < NetworkSittings; sitting++)
        {
            using var loop = new TimedLoop(ModelSession.Create(model, settings), inputs, model.Path ?? "the model", clock);
            loop.Runs(0, 10);
            for (int round = 0; round < NetworkRounds; round++)
            {
                int runs = RunCount.For(NetworkSlice, loop.Once());
                readings[(sitting * NetworkRounds) + round] = runner.Speed.Read(runner.Take(loop.Once, runs, NetworkPatience, cancel));
            }
        }

        return new RoundReadings(readings, [.. Enumerable.Range(0, readings.Length).Select(i => i / NetworkRounds)]).Interval;
    }

    public void Dispose()
    {
        empties.Dispose();
        runner.Dispose();
    }

    // The seconds of each sitting; more sittings where they do not agree: a point in doubt costs more later than it does now.
    // Null, with the problem, where a node cannot be timed on its own.
    private double[]? Times(ExecutedValues executed, Layer[] layers, bool hurried, CancellationToken cancel)
    {
        var random = new Random(0);
        var sittings = new List<IReadOnlyList<LayerReading>[]>();
        double[] times;
        do
        {
            for (int i = 0; i < (hurried ? 1 : Sittings); i++)
            {
                using var bench = new LayerBench(executed, layers, rotation, settings, empties, runner, clock, cancel);
                if (bench.Problems.Count > 0)
                {
                    problem = bench.Problems.First().Value;
                    return null;
                }

                sittings.Add(hurried
                    ? [.. Enumerable.Range(0, HurriedRounds).Select(_ => bench.Round(Slice, HurriedPatience, random, cancel))]
                    : [.. Enumerable.Range(0, Rounds).Select(_ => bench.Round(Slice, Patience, random, cancel))]);
            }

            times = [.. sittings.Select(Seconds)];
        }
        while (!hurried && sittings.Count < MostSittings && Order.MedianInterval(times).RelativeHalfWidth > Noisy);

        return times;
    }

    // The fastest round of a sitting, of the undisturbed ones where there are any: what disturbs a round only ever slows it down, while
    // sittings differ both ways.
    private double Seconds(IReadOnlyList<LayerReading>[] rounds)
    {
        PacedReading[][] readings = [.. rounds.Select(r => r.Select(l => l.At(runner.Speed)).ToArray())];
        PacedReading[][] quiet = [.. readings.Where(r => r.All(l => l.IsQuiet))];
        return (quiet.Length > 0 ? quiet : readings).Min(r => r.Sum(l => l.Seconds));
    }

    private OnnxModel Wrapped(CostBlock block, IReadOnlyList<int> widths) => LayoutAdapter.Wrap(
        widths.SequenceEqual(block.FullWidths) ? block.Model : resizer.Resize(block.Model, widths), block.BlockedInputs);

    private static BlockLayout LayoutOf(CostBlock block, ExecutedGraph graph)
    {
        var read = graph.Layers.Where(IsOwn).SelectMany(l => l.BlockedInputs).ToHashSet(StringComparer.Ordinal);
        var written = graph.Layers.Where(l => l.Op == "ReorderOutput").Select(l => l.Output).ToHashSet(StringComparer.Ordinal);
        return new BlockLayout(Bits(block.Model.Graph.Input, read), Bits(block.Model.Graph.Output, written));
    }

    private static int Bits(IEnumerable<ValueInfoProto> values, HashSet<string> set) =>
        values.Take(31).Select((v, i) => set.Contains(v.Name) ? 1 << i : 0).Sum();

    private static bool IsOwn(Layer layer) =>
        !SourceNames.IsReorder(layer.Node)
        && !layer.SourceNodes.Any(n => n.Name.StartsWith(LayoutAdapter.Prefix, StringComparison.Ordinal));
}
