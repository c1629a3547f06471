using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;

namespace EdgePrune.Profiler.Timing;

/// <summary>Loops for a set of executed nodes, timed round by round in random order.</summary>
internal sealed class LayerBench : IDisposable
{
    // All loops are open at once; this bounds what their repeated constants take together, and what one takes alone.
    private const long MemoryForAll = 512L << 20;
    private const long MemoryForOne = 16L << 20;
    private readonly List<LayerLoop?> loops = [];
    private readonly EmptyLoops empties;
    private readonly QuietRunner runner;
    private readonly HashSet<(int Inputs, int Markers)> empty = [(1, 1), (1, 2)];

    /// <param name="executed">The network with its values; it must outlive the bench.</param>
    /// <param name="layers">Layers to time, counted.</param>
    /// <param name="rotation">Bytes of constants between two uses of the same weight, as in the network.</param>
    /// <param name="empties">Loops without work; they outlive the bench.</param>
    /// <param name="runner">Runs the loops; it outlives the bench.</param>
    public LayerBench(
        ExecutedValues executed,
        IReadOnlyList<Layer> layers,
        long rotation,
        SessionSettings settings,
        EmptyLoops empties,
        QuietRunner runner,
        TimeProvider clock,
        CancellationToken cancel)
    {
        this.empties = empties;
        this.runner = runner;
        long share = Math.Min(Math.Min(rotation, MemoryForOne), MemoryForAll / Math.Max(1, layers.Count));
        var sources = new SourceLoops(executed, settings, empties, clock);
        try
        {
            foreach (Layer layer in layers)
            {
                cancel.ThrowIfCancellationRequested();
                loops.Add(TryCreate(layer, loops.Count));
                if (loops[^1] is { } loop)
                {
                    empty.Add(loop.Empty);
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        LayerLoop? TryCreate(Layer layer, int index)
        {
            try
            {
                return LayerLoop.Create(executed.Graph.Optimized, layer, executed.Values, executed.Table, share, settings, empties, clock);
            }
            catch (InputException refused)
            {
                if (sources.TryCreate(layer, out LayerLoop? loop))
                {
                    Substitutes[index] = refused.Message;
                    return loop;
                }

                Problems[index] = refused.Message;
                return null;
            }
        }
    }

    /// <summary>Layers that the runtime does not take alone, by position, with its reason.</summary>
    public Dictionary<int, string> Problems { get; } = [];

    /// <summary>Layers timed through their source nodes, because the runtime does not take the executed node alone, with its reason.</summary>
    public Dictionary<int, string> Substitutes { get; } = [];

    /// <summary>Seconds that a run takes beside its nodes, as the last rounds saw it.</summary>
    public double RunOverhead => Math.Max(0, (2 * empties.Seconds(1, 1)) - empties.Seconds(1, 2));

    /// <summary>One reading of every layer, in seconds, in the order of the layers; NaN where a layer cannot be timed.</summary>
    /// <param name="slice">Seconds of undisturbed runs wanted of a layer.</param>
    /// <param name="patience">Seconds that each layer may wait for them.</param>
    /// <param name="random">Decides the order.</param>
    /// <param name="between">Called about <paramref name="calls"/> times, spread evenly among the layers.</param>
    public IReadOnlyList<LayerReading> Round(
        double slice, double patience, Random random, CancellationToken cancel, Action? between = null, int calls = 1)
    {
        var readings = new LayerReading[loops.Count];
        int[] order = [.. Enumerable.Range(0, loops.Count)];
        random.Shuffle(order);
        foreach ((int inputs, int markers) in empty)
        {
            empties.Measure(inputs, markers, RunCount.For(slice, empties.Seconds(inputs, markers)), patience, cancel);
        }

        int spacing = Math.Max(1, order.Length / calls);
        for (int n = 0; n < order.Length; n++)
        {
            if (n % spacing == 0)
            {
                between?.Invoke();
            }

            LayerLoop? loop = loops[order[n]];
            readings[order[n]] = loop is null
                ? new LayerReading(null, [])
                : new LayerReading(loop, runner.Take(loop.Once, RunCount.For(slice, loop.Expected), patience, cancel));
        }

        return readings;
    }

    public void Dispose()
    {
        foreach (LayerLoop? loop in loops)
        {
            loop?.Dispose();
        }
    }
}
