using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;
using Microsoft.Data.Sqlite;

namespace EdgePrune.Profiler.Costs;

/// <summary>Measures the cost table of a model: each distinct block over its widths, then the whole network.</summary>
public static class CostSweep
{
    private const int NetworkRounds = 9;

    /// <exception cref="InputException">The model cannot be run, or the store is no cost table.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was signalled; what was measured is in the store.</exception>
    public static CostTable Run(
        OnnxModel model,
        IBlockResizer resizer,
        SweepOptions options,
        IProgress<ProfileProgress>? progress = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(resizer);
        ArgumentNullException.ThrowIfNull(options);
        progress?.Report(new ProfileProgress("finding the layers", 0));
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model, null, options.Shapes);
        ModelStatistics statistics = ModelStatistics.Of(model, shapes);
        using NamedValues inputs = ProbedInputs.Make(model, shapes, options.Seed);
        ExecutedGraph graph;
        using (ExecutedValues executed = ExecutedValues.Of(model, statistics, inputs, options.Session))
        {
            graph = executed.Graph;
        }

        try
        {
            using CostStore store = CostStore.Open(options.Store);
            (long context, double? reference) = store.Context(ContextName(options));
            long rotation = graph.Layers.Sum(l => l.WeightBytes);
            using var timer = new RuntimeBlockTimer(resizer, options.Session, rotation, reference, options.Clock);
            store.SetReference(context, timer.BestReference);
            CostLayer[] layers = Blocks(graph, new ValueTable(model.Graph, shapes), resizer);
            (Dictionary<string, CostSurface> surfaces, Dictionary<string, string> problems) =
                Sweep(layers, timer, store, context, options, progress, cancel);
            Interval network = NetworkTime(model, inputs, options, cancel);
            progress?.Report(new ProfileProgress("costs measured", 1));
            return new CostTable(
                [.. layers.Where(l => surfaces.ContainsKey(l.Block.Key))], surfaces, problems, network,
                new EnergyModel(options.Device), Math.Max(1, options.Session.Threads));
        }
        catch (SqliteException broken)
        {
            throw new InputException($"the cost table {options.Store} failed: {broken.Message}; delete it to measure the costs anew", broken);
        }
    }

    /// <summary>Sweeps the blocks of some layers with a timer of the caller's; each distinct block once.</summary>
    internal static (Dictionary<string, CostSurface> Surfaces, Dictionary<string, string> Problems) Sweep(
        IReadOnlyList<CostLayer> layers,
        IBlockTimer timer,
        CostStore store,
        long context,
        SweepOptions options,
        IProgress<ProfileProgress>? progress,
        CancellationToken cancel)
    {
        var surfaces = new Dictionary<string, CostSurface>(StringComparer.Ordinal);
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        // Blocks without axes are one point each and take no share of the time.
        IGrouping<string, CostLayer>[] distinct =
            [.. layers.GroupBy(l => l.Block.Key).OrderBy(g => g.First().Block.FullWidths.Count > 0)];
        long start = options.Clock.GetTimestamp();
        for (int i = 0; i < distinct.Length; i++)
        {
            CostLayer first = distinct[i].First();
            progress?.Report(new ProfileProgress($"sweeping {first.Layer.Name}", 0.05 + (0.9 * i / distinct.Length)));
            // What an easy block leaves over goes to those after it.
            double deadline = Elapsed() + ((options.Budget.Value - Elapsed()) / (distinct.Length - i));
            try
            {
                CostSurface surface = Surface(first.Block, at => Measured(first.Block, at), () => Elapsed() > deadline, options);
                surfaces[first.Block.Key] = surface;
                store.AddSurface(context, first.Block.Key, surface);
            }
            catch (InputException failed)
            {
                foreach (CostLayer layer in distinct[i])
                {
                    problems[layer.Layer.Name] = failed.Message;
                }
            }
        }

        return (surfaces, problems);

        double Elapsed() => options.Clock.GetElapsedTime(start).TotalSeconds;

        BlockMeasurement Measured(CostBlock block, int[] at)
        {
            cancel.ThrowIfCancellationRequested();
            if (!store.TryFind(context, block.Key, at, out BlockMeasurement? measured))
            {
                measured = timer.Measure(block, at, cancel);
                store.Add(context, block.Key, at, measured);
            }

            return measured!;
        }
    }

    private static CostSurface Surface(
        CostBlock block, Func<int[], BlockMeasurement> measure, Func<bool> timeIsUp, SweepOptions options)
    {
        if (block.FullWidths.Count > 0)
        {
            return new AdaptiveSweep(block.FullWidths, options, measure, timeIsUp).Run();
        }

        var constant = new Dictionary<int, CostGrid> { [0] = new([], measure, 0) };
        return new CostSurface([], [], constant, null, 1);
    }

    private static CostLayer[] Blocks(ExecutedGraph graph, ValueTable values, IBlockResizer resizer)
    {
        var extractor = new BlockExtractor(graph.Source, values);
        var layers = new List<CostLayer>();
        foreach (Layer layer in graph.Layers.Where(l => l.SourceNodes.Count > 0))
        {
            OnnxModel block = extractor.Extract(layer.SourceNodes);
            string[] blocked = [.. layer.BlockedInputs.Where(i => block.Graph.Input.Any(b => b.Name == i))];
            IReadOnlyList<int> full = resizer.FullWidths(block);
            string key = BlockSignature.Of(block, blocked) + ":" + string.Join('x', full);
            layers.Add(new CostLayer(layer, new CostBlock(key, block, full, blocked)));
        }

        return [.. layers];
    }

    private static Interval NetworkTime(OnnxModel model, NamedValues inputs, SweepOptions options, CancellationToken cancel)
    {
        using var loop = new TimedLoop(ModelSession.Create(model, options.Session), inputs, model.Path ?? "the model", options.Clock);
        loop.Runs(0, 10);
        double[] rounds = new double[NetworkRounds];
        for (int i = 0; i < rounds.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            rounds[i] = loop.Reading(0.03);
        }

        return Order.MedianInterval(rounds);
    }

    private static string ContextName(SweepOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"device={options.Device.Name};runtime={RuntimeName.Version};provider={options.Session.Provider};threads={options.Session.Threads};optimization={options.Session.Optimization};spinning={options.Session.AllowSpinning}");
}
