using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Timing;

/// <summary>Loops for a set of executed nodes, timed round by round in random order.</summary>
internal sealed class LayerBench : IDisposable
{
    // All loops are open at once; this bounds what their repeated constants take together, and what one takes alone.
    private const long MemoryForAll = 512L << 20;
    private const long MemoryForOne = 16L << 20;
    private readonly List<LayerLoop?> loops = [];
    private readonly EmptyLoops empties;
    private readonly HashSet<(int Inputs, int Markers)> empty = [(1, 1), (1, 2)];

    /// <param name="model">The optimised model.</param>
    /// <param name="layers">Layers to time, counted.</param>
    /// <param name="values">Values of the optimised model, inputs included; they must outlive the bench.</param>
    /// <param name="rotation">Bytes of constants between two uses of the same weight, as in the network.</param>
    /// <param name="empties">Loops without work; they outlive the bench.</param>
    public LayerBench(
        ModelProto model,
        IReadOnlyList<Layer> layers,
        IReadOnlyDictionary<string, OrtValue> values,
        ValueTable table,
        long rotation,
        SessionSettings settings,
        EmptyLoops empties,
        TimeProvider clock,
        CancellationToken cancel)
    {
        this.empties = empties;
        long share = Math.Min(Math.Min(rotation, MemoryForOne), MemoryForAll / Math.Max(1, layers.Count));
        try
        {
            foreach (Layer layer in layers)
            {
                cancel.ThrowIfCancellationRequested();
                loops.Add(TryCreate(layer));
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

        LayerLoop? TryCreate(Layer layer)
        {
            try
            {
                return LayerLoop.Create(model, layer, values, table, share, settings, empties, clock);
            }
            catch (InputException refused)
            {
                Problems[layer.Index] = refused.Message;
                return null;
            }
        }
    }

    /// <summary>Layers that the runtime does not take alone, by index, with its reason.</summary>
    public Dictionary<int, string> Problems { get; } = [];

    /// <summary>Seconds that a run takes beside its nodes, as the last round saw it.</summary>
    public double RunOverhead => Math.Max(0, (2 * empties.Seconds(1, 1)) - empties.Seconds(1, 2));

    /// <summary>One reading of every layer, in seconds, in the order of the layers; NaN where a layer cannot be timed.</summary>
    /// <param name="slice">Seconds to spend on a layer.</param>
    /// <param name="random">Decides the order.</param>
    /// <param name="between">Called about <paramref name="calls"/> times, spread evenly among the layers.</param>
    public double[] Round(double slice, Random random, CancellationToken cancel, Action? between = null, int calls = 1)
    {
        double[] readings = new double[loops.Count];
        int[] order = [.. Enumerable.Range(0, loops.Count)];
        random.Shuffle(order);
        foreach ((int inputs, int markers) in empty)
        {
            empties.Measure(inputs, markers, slice);
        }

        int spacing = Math.Max(1, order.Length / calls);
        for (int n = 0; n < order.Length; n++)
        {
            cancel.ThrowIfCancellationRequested();
            if (n % spacing == 0)
            {
                between?.Invoke();
            }

            readings[order[n]] = loops[order[n]]?.Reading(slice) ?? double.NaN;
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
