using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>A network and its layers in ONNX Runtime.</summary>
internal sealed class RuntimeWorkload : IEnergyWorkload, IDisposable
{
    private const long MemoryForWeights = 16L << 20;
    private const double TargetRun = 200e-6;
    private const int MostCopies = 64;
    private const int WarmRuns = 5;
    private readonly ExecutedValues executed;
    private readonly IReadOnlyDictionary<string, OrtValue> inputs;
    private readonly ProfileOptions options;
    private readonly Action<Watts>? load;
    private readonly EnergyModel model;
    private readonly TimedLoop network;
    private readonly long rotation;
    private readonly Dictionary<int, (TimedLoop Loop, int Copies, int Markers)> loops = [];
    private readonly Dictionary<int, TimedLoop> empties = [];
    private readonly NamedValues nothing = new([KeyValuePair.Create("input_0", OrtValue.CreateTensorValueFromMemory(new float[1], [1]))]);

    private TimedLoop? boosted;
    private int boostedLayer;
    private int boostedMarkers;

    /// <param name="executed">The network as executed; it must outlive this.</param>
    /// <param name="timings">Times of the network and its layers.</param>
    /// <param name="load">Told what the processor draws above idle from now on; for a simulated board.</param>
    public RuntimeWorkload(
        ExecutedValues executed,
        IReadOnlyDictionary<string, OrtValue> inputs,
        ProfileOptions options,
        LayerTimings timings,
        Action<Watts>? load)
    {
        this.executed = executed;
        this.inputs = inputs;
        this.options = options;
        this.load = load;
        model = new EnergyModel(options.Device);
        rotation = Math.Min(executed.Graph.Layers.Sum(l => l.WeightBytes), MemoryForWeights);
        LayerSeconds = [.. timings.Layers.Select(t => t.Count == 0 ? double.NaN : t.Median)];
        NetworkSeconds = timings.Network.Median.Median;
        SlowNetworkSeconds = timings.Network.P95;
        network = new TimedLoop(
            ModelSession.Create(executed.Graph.Source, options.Session), inputs, executed.Graph.Source.Path ?? "the model", options.Clock);
        network.Once();
    }

    public IReadOnlyList<double> LayerSeconds { get; }

    public double NetworkSeconds { get; }

    public double SlowNetworkSeconds { get; }

    private Seconds Now => new((double)options.Clock.GetTimestamp() / options.Clock.TimestampFrequency);

    public Activity Idle(Seconds duration, CancellationToken cancel)
    {
        load?.Invoke(default);
        Seconds begin = Now;
        cancel.WaitHandle.WaitOne(TimeSpan.FromSeconds(duration.Value));
        cancel.ThrowIfCancellationRequested();
        return new Activity(begin, Now, 0, -1, 0, 0, 0, 0, 0);
    }

    public Activity Empty(int markers, Seconds duration, CancellationToken cancel) =>
        Loop(ObtainEmpty(markers), duration, new Activity(default, default, 1, -1, 0, 0, markers, 0, 0), default, cancel);

    public Activity Layer(int layer, Seconds duration, CancellationToken cancel)
    {
        (TimedLoop loop, int copies, int markers) = Obtain(layer);
        return Loop(loop, duration, new Activity(default, default, 1, layer, copies, 0, markers, 0, 0), Work(layer, copies), cancel);
    }

    public Activity Network(Seconds duration, CancellationToken cancel) =>
        Loop(network, duration, new Activity(default, default, 1, -1, 0, 1, 0, 0, 0), Whole(), cancel);

    public Activity? Boosted(int layer, int repeats, Seconds duration, CancellationToken cancel)
    {
        if (ObtainBoosted(layer, repeats) is not { } loop)
        {
            return null;
        }

        Workload whole = Whole();
        Workload more = Work(layer, repeats);
        var work = new Workload(default, whole.BusyCores, whole.Macs + more.Macs, whole.Bytes + more.Bytes);
        return Loop(loop, duration, new Activity(default, default, 1, layer, repeats, 1, boostedMarkers, 0, 0), work, cancel);
    }

    public void Dispose()
    {
        foreach (TimedLoop loop in loops.Values.Select(l => l.Loop).Concat(empties.Values))
        {
            loop.Dispose();
        }

        boosted?.Dispose();
        network.Dispose();
        nothing.Dispose();
    }

    // As in the timing of a layer: runs long enough to be worth their dispatch, weights as cold as in the network.
    private (TimedLoop Loop, int Copies, int Markers) Obtain(int layer)
    {
        if (!loops.TryGetValue(layer, out (TimedLoop Loop, int Copies, int Markers) found))
        {
            Layer own = executed.Graph.Layers[layer];
            long sets = own.WeightBytes == 0 ? 1 : Math.Max(1, rotation / own.WeightBytes);
            double wanted = Math.Max(TargetRun / Math.Max(LayerSeconds[layer], 0.2e-6), sets);
            int copies = (int)Math.Clamp(Math.Ceiling(wanted), 1, MostCopies);
            IsolatedModel isolated = IsolatedModel.Repeat(
                executed.Graph.Optimized, own.Node, executed.Table, copies, (int)Math.Min(sets, copies));
            loops[layer] = found = (Open(isolated.Bytes, own.Name, executed.Values), copies, isolated.Markers);
        }

        return found;
    }

    // Only the last one is kept: each holds the whole network.
    private TimedLoop? ObtainBoosted(int layer, int repeats)
    {
        if (boosted is not null && boostedLayer == layer)
        {
            return boosted;
        }

        boosted?.Dispose();
        boosted = null;
        Layer own = executed.Graph.Layers[layer];
        int sets = own.WeightBytes == 0 ? 1 : (int)Math.Clamp(rotation / own.WeightBytes, 1, repeats);
        if (BoostedModel.Of(executed.Graph.Optimized, own.Node, repeats, sets) is not { } repeated)
        {
            return null;
        }

        try
        {
            boosted = Open(repeated.Bytes, own.Name, inputs);
            boosted.Once();
            boostedLayer = layer;
            boostedMarkers = repeated.Markers;
            return boosted;
        }
        catch (InputException)
        {
            // Some nodes of the runtime's own making cannot be loaded twice; the layer's own loop has to do.
            boosted?.Dispose();
            boosted = null;
            return null;
        }
    }

    private TimedLoop ObtainEmpty(int markers)
    {
        if (!empties.TryGetValue(markers, out TimedLoop? loop))
        {
            IsolatedModel empty = IsolatedModel.Empty(executed.Graph.Optimized, 1, markers);
            empties[markers] = loop = Open(empty.Bytes, "the empty loop", nothing);
        }

        return loop;
    }

    private TimedLoop Open(byte[] bytes, string name, IReadOnlyDictionary<string, OrtValue> values)
    {
        SessionSettings asIs = options.Session with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL, OptimizedModelPath = null };
        return new TimedLoop(ModelSession.Create(bytes, name, asIs), values, name, options.Clock);
    }

    private Workload Work(int layer, int times)
    {
        Layer l = executed.Graph.Layers[layer];
        return new Workload(default, Cores, l.Macs * times, l.BytesMoved * times);
    }

    private Workload Whole() => new(
        default, Cores, executed.Graph.Layers.Sum(l => l.Macs), executed.Graph.Layers.Sum(l => l.BytesMoved));

    private int Cores => Math.Max(1, options.Session.Threads);

    // The best of a few: one run alone may be disturbed, and a simulated board takes its power from it.
    private static double Warm(TimedLoop loop) => Enumerable.Range(0, WarmRuns).Min(_ => loop.Once());

    // What one run does is in `once`; the work of a run makes the power that a simulated board draws.
    private Activity Loop(TimedLoop loop, Seconds duration, Activity once, Workload work, CancellationToken cancel)
    {
        double run = Warm(loop);
        load?.Invoke(run > 0 ? new Watts(model.Dynamic(work with { Time = new Seconds(run), BusyCores = Cores }).Value / run) : default);
        try
        {
            Seconds begin = Now;
            double end = begin.Value + duration.Value;
            double middle = begin.Value + (duration.Value / 2);
            long runs = 0;
            long early = 0;
            double earlyEnd = begin.Value;
            double now = begin.Value;
            // With room for all, so that the loop does not allocate.
            List<double>? times = once.Networks > 0 ? new List<double>((int)Math.Min(2 + (1.5 * duration.Value / Math.Max(run, 1e-6)), 1 << 22)) : null;
            do
            {
                cancel.ThrowIfCancellationRequested();
                times?.Add(now);
                loop.Once();
                runs++;
                now = Now.Value;
                if (now < middle)
                {
                    early = runs;
                    earlyEnd = now;
                }
            }
            while (now < end);

            times?.Add(now);
            double earlyRate = early > 0 ? early / (earlyEnd - begin.Value) : runs / (now - begin.Value);
            double lateRate = runs > early ? (runs - early) / (now - earlyEnd) : earlyRate;
            return once with
            {
                Begin = begin,
                End = new Seconds(now),
                Runs = runs,
                Executions = runs * once.Executions,
                Networks = runs * once.Networks,
                Markers = runs * once.Markers,
                EarlyRate = earlyRate,
                LateRate = lateRate,
                RunTimes = times ?? [],
            };
        }
        finally
        {
            load?.Invoke(default);
        }
    }
}
