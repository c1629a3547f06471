using System.Numerics;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// One executed node in a loop of its own. Its constants are repeated so that the loop, like the network, comes back to a weight
/// only after <c>rotation</c> bytes of others: a weight that the network finds in a slower cache is not served from a faster one.
/// </summary>
internal sealed class LayerLoop : IDisposable
{
    private const double TargetRun = 200e-6;
    private const double LongestRun = 10e-3;
    private const int MaxCopies = 64;
    private readonly TimedLoop loop;
    private readonly EmptyLoops empties;
    private readonly int inputs;
    private readonly int markers;
    private readonly int copies;

    private LayerLoop(TimedLoop loop, EmptyLoops empties, int inputs, int markers, int copies)
    {
        this.loop = loop;
        this.empties = empties;
        this.inputs = inputs;
        this.markers = markers;
        this.copies = copies;
    }

    /// <param name="model">The optimised model.</param>
    /// <param name="layer">The layer; its <see cref="Layer.WeightBytes"/> must be filled in.</param>
    /// <param name="values">Values of the optimised model, which must outlive the loop.</param>
    /// <param name="table">Their types and dimensions.</param>
    /// <param name="rotation">Bytes of constants that the loop goes through before it comes back to the first.</param>
    /// <param name="settings">Threads and provider; optimisation is switched off.</param>
    /// <exception cref="InputException">The runtime does not take the node alone.</exception>
    public static LayerLoop Create(
        ModelProto model,
        Layer layer,
        IReadOnlyDictionary<string, OrtValue> values,
        ValueTable table,
        long rotation,
        SessionSettings settings,
        EmptyLoops empties,
        TimeProvider clock)
    {
        SessionSettings asIs = settings with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL, OptimizedModelPath = null };
        IsolatedModel single = IsolatedModel.Repeat(model, layer.Node, table, 1, 1);
        TimedLoop first = Loop(single);
        double alone = Math.Max(first.Reading(0) - empties.Seconds(single.Inputs.Count, single.Markers), 0.2e-6);
        long sets = layer.WeightBytes == 0 ? 1 : Math.Max(1, rotation / layer.WeightBytes);
        double wanted = Math.Min(Math.Max(TargetRun / alone, sets), LongestRun / alone);
        // Powers of two, so that layers share empty loops.
        int copies = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(wanted, 1, MaxCopies));
        if (copies == 1)
        {
            return new LayerLoop(first, empties, single.Inputs.Count, single.Markers, 1);
        }

        first.Dispose();
        IsolatedModel repeated = IsolatedModel.Repeat(model, layer.Node, table, copies, (int)Math.Min(sets, copies));
        empties.Seconds(repeated.Inputs.Count, repeated.Markers);
        return new LayerLoop(Loop(repeated), empties, repeated.Inputs.Count, repeated.Markers, copies);

        TimedLoop Loop(IsolatedModel isolated) =>
            new(ModelSession.Create(isolated.Bytes, layer.Name, asIs), values, layer.Name, clock);
    }

    /// <summary>The empty loop that matches this one.</summary>
    public (int Inputs, int Markers) Empty => (inputs, markers);

    /// <summary>Seconds of one execution of the node, the runtime's dispatch of it included.</summary>
    public double Reading(double slice) => Math.Max(0, loop.Reading(slice) - empties.Seconds(inputs, markers)) / copies;

    public void Dispose() => loop.Dispose();
}
