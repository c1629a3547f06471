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
        long peak;
        using (ExecutedValues executed = ExecutedValues.Of(model, statistics, inputs, options.Session))
        {
            graph = executed.Graph;
            peak = executed.PeakActivationBytes;
        }

        long start = options.Clock.GetTimestamp();
        try
        {
            using CostStore store = CostStore.Open(options.Store);
            (long context, double? reference) = store.Context(ContextName(options));
            long rotation = CacheSizes.Read().Rotation(graph.Layers, peak);
            using var timer = new RuntimeBlockTimer(resizer, options.Session, rotation, reference, options.Clock);
            CostLayer[] layers = Blocks(graph, new ValueTable(model.Graph, shapes), resizer);
            progress?.Report(new ProfileProgress("checking stored points", 0.03));
            string? stale = StaleCheck.Run(layers, timer, store, context, cancel);
            (Dictionary<string, CostSurface> surfaces, Dictionary<string, string> problems) =
                Sweep(layers, timer, store, context, options, progress, cancel);
            CostLayer[] known = [.. layers.Where(l => surfaces.ContainsKey(l.Block.Key))];
            LayoutComposition layouts = LayoutSweep.Run(model.Graph, known, new ValueTable(model.Graph, shapes), timer, store, context, () => options.Clock.GetElapsedTime(start).TotalSeconds > options.Budget.Value, cancel);
            Interval network = timer.MeasureNetwork(model, inputs, cancel);
            store.SetReference(context, timer.BestReference);
            progress?.Report(new ProfileProgress("costs measured", 1));
            var table = new CostTable(
                known, surfaces, problems, layouts, network, new EnergyModel(options.Device), Math.Max(1, options.Session.Threads))
            {
                Notes = [.. Notes(store, options, stale)],
            };
            store.AddNetwork(context, BlockSignature.Of(model, []), table.Composed, network.Median);
            return table;
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
                CostSurface surface = Surface(
                    first.Block, at => Measured(first.Block, at, Elapsed() > deadline), at => Described(first.Block, at), at => DescribeAhead(first.Block, at), () => Elapsed() > deadline, options);
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

        // Once the time is up what must be known all the same is read once. Such a point is measured again when there is time.
        BlockMeasurement Measured(CostBlock block, int[] at, bool hurried)
        {
            cancel.ThrowIfCancellationRequested();
            if (!store.TryFind(context, block.Key, at, out BlockMeasurement? measured) || (measured!.IsHurried && !hurried))
            {
                measured = timer.Measure(block, at, hurried, cancel);
                store.Add(context, block.Key, at, measured);
            }

            return measured!;
        }

        BlockPath? Described(CostBlock block, int[] at)
        {
            cancel.ThrowIfCancellationRequested();
            if (store.TryFindPath(context, block.Key, at, out BlockPath known))
            {
                return known;
            }

            BlockPath? path = timer.Describe(block, at);
            if (path is { } told)
            {
                store.AddPath(context, block.Key, at, told);
            }

            return path;
        }

        // Nothing is timed meanwhile, so all cores may ask the runtime; a hundred widths of a layer are a hundred sessions.
        void DescribeAhead(CostBlock block, IReadOnlyList<int[]> asked)
        {
            int[][] missing = [.. asked.Where(at => !store.TryFindPath(context, block.Key, at, out _))];
            var told = new BlockPath?[missing.Length];
            try
            {
                Parallel.For(0, missing.Length, new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, i => told[i] = timer.Describe(block, missing[i]));
            }
            catch (AggregateException)
            {
                // Whoever asks for that width gets the error itself.
            }

            foreach ((int[] at, BlockPath? path) in missing.Zip(told))
            {
                if (path is { } known)
                {
                    store.AddPath(context, block.Key, at, known);
                }
            }
        }
    }

    private static CostSurface Surface(
        CostBlock block, Func<int[], BlockMeasurement> measure, Func<int[], BlockPath?> describe, Action<IReadOnlyList<int[]>> ahead, Func<bool> timeIsUp, SweepOptions options)
    {
        if (block.FullWidths.Count > 0)
        {
            return new AdaptiveSweep(block.FullWidths, options, measure, describe, ahead, timeIsUp).Run();
        }

        var constant = new Dictionary<int, CostGrid> { [0] = new([], measure, 0) };
        return new CostSurface([], [], new PathCombinations([], new Dictionary<int, AxisPaths[]>()), constant, null, 1);
    }

    private static CostLayer[] Blocks(ExecutedGraph graph, ValueTable values, IBlockResizer resizer)
    {
        var extractor = new BlockExtractor(graph.Source, values);
        var layers = new List<CostLayer>();
        foreach (Layer layer in graph.Layers.Where(l => l.SourceNodes.Count > 0))
        {
            OnnxModel block = extractor.Extract(layer.SourceNodes);
            string[] blocked = [.. layer.BlockedInputs.Where(i => block.Graph.Input.Any(b => b.Name == i))];
            IReadOnlyList<int> full = WidthsOf(resizer, block);
            string key = BlockSignature.Of(block, blocked) + ":" + string.Join('x', full);
            layers.Add(new CostLayer(layer, new CostBlock(key, block, full, blocked)));
        }

        return [.. layers];
    }

    // What cannot be analysed on its own has no widths. Whether it can be measured at all its measurement says, for its layer alone.
    private static IReadOnlyList<int> WidthsOf(IBlockResizer resizer, OnnxModel block)
    {
        try
        {
            return resizer.FullWidths(block);
        }
        catch (InputException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Notes(CostStore store, SweepOptions options, string? stale)
    {
        if (store.SetAside is { } aside)
        {
            yield return $"{options.Store} was damaged or of another version; it was moved to {aside} and the costs were measured anew";
        }

        if (stale is not null)
        {
            yield return stale;
        }
    }

    private static string ContextName(SweepOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"device={options.Device.Name};runtime={RuntimeName.Version};provider={options.Session.Provider};threads={options.Session.Threads};optimization={options.Session.Optimization};spinning={options.Session.AllowSpinning};governor={Conditions.Read().Governor ?? "unknown"}");
}
