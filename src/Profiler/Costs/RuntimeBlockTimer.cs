using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Measures blocks on this machine: cuts the block, lets the runtime optimise it in the layout that it has in the network, and
/// times the nodes that execute it in isolated loops. Layout changes at the block's border are not counted.
/// </summary>
public sealed class RuntimeBlockTimer : IBlockTimer, IDisposable
{
    private const int Rounds = 6;
    private const double Slice = 0.6e-3;
    private const double Patience = 40e-3;
    private readonly IBlockResizer resizer;
    private readonly SessionSettings settings;
    private readonly TimeProvider clock;
    private readonly long rotation;
    private readonly QuietRunner runner;
    private readonly EmptyLoops empties;

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

    public BlockMeasurement Measure(CostBlock block, IReadOnlyList<int> widths, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(widths);
        OnnxModel cut = widths.SequenceEqual(block.FullWidths) ? block.Model : resizer.Resize(block.Model, widths);
        OnnxModel wrapped = LayoutAdapter.Wrap(cut, block.BlockedInputs);
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(wrapped);
        ModelStatistics statistics = ModelStatistics.Of(wrapped, shapes);
        using NamedValues inputs = ProbedInputs.Make(wrapped, shapes);
        using ExecutedValues executed = ExecutedValues.Of(wrapped, statistics, inputs, settings);
        Layer[] layers = [.. executed.Graph.Layers.Where(IsOwn)];
        using var bench = new LayerBench(executed, layers, rotation, settings, empties, runner, clock, cancel);
        if (bench.Problems.Count > 0)
        {
            throw new InputException($"a node cannot be timed on its own: {bench.Problems.First().Value}");
        }

        var random = new Random(0);
        double[] times = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            times[round] = bench.Round(Slice, Patience, random, cancel).Sum(r => r.At(runner.Speed).Seconds);
        }

        return new BlockMeasurement(
            Order.MedianInterval(times),
            layers.Sum(l => l.Macs),
            layers.Sum(l => l.BytesMoved),
            layers.Sum(l => l.WeightBytes),
            layers.Sum(l => l.ActivationBytes));
    }

    public void Dispose()
    {
        empties.Dispose();
        runner.Dispose();
    }

    private static bool IsOwn(Layer layer) =>
        !SourceNames.IsReorder(layer.Node)
        && !layer.SourceNodes.Any(n => n.Name.StartsWith(LayoutAdapter.Prefix, StringComparison.Ordinal));
}
