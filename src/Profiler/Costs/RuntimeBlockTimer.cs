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
    private const double Slice = 1e-3;
    private readonly IBlockResizer resizer;
    private readonly SessionSettings settings;
    private readonly TimeProvider clock;
    private readonly long rotation;
    private readonly ReferenceLoop reference;
    private readonly EmptyLoops empties;

    /// <param name="resizer">Cuts blocks.</param>
    /// <param name="settings">Threads, provider and optimisation level.</param>
    /// <param name="rotation">Bytes of weights of the network that the blocks come from.</param>
    /// <param name="nominal">What the reference loop takes, in seconds, from an earlier sweep; measured where null.</param>
    public RuntimeBlockTimer(IBlockResizer resizer, SessionSettings settings, long rotation, double? nominal, TimeProvider clock)
    {
        this.resizer = resizer;
        this.settings = settings;
        this.rotation = rotation;
        this.clock = clock;
        reference = new ReferenceLoop(settings, clock);
        empties = new EmptyLoops(reference.Model.Proto, settings, clock);
        NominalReference = nominal ?? reference.Reading(0.1);
    }

    /// <summary>Seconds of the reference loop to which all points are scaled.</summary>
    public double NominalReference { get; }

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
        using var bench = new LayerBench(
            executed.Graph.Optimized, layers, executed.Values, executed.Table, rotation, settings, empties, clock, cancel);
        if (bench.Problems.Count > 0)
        {
            throw new InputException($"a node cannot be timed on its own: {bench.Problems.First().Value}");
        }

        var random = new Random(0);
        double[] times = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            // The reference on both sides, so that a change of clock within the round is met half way.
            double before = reference.Reading(Slice / 2);
            double sum = bench.Round(Slice, random, cancel).Sum();
            double after = reference.Reading(Slice / 2);
            times[round] = sum * NominalReference / ((before + after) / 2);
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
        reference.Dispose();
    }

    private static bool IsOwn(Layer layer) =>
        !SourceNames.IsReorder(layer.Node)
        && !layer.SourceNodes.Any(n => n.Name.StartsWith(LayoutAdapter.Prefix, StringComparison.Ordinal));
}
