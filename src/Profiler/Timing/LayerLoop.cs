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
/// A run stays short enough to fit between two disturbances of the machine; where the copies of one run do not go through enough
/// constants, several such loops take turns.
/// </summary>
internal sealed class LayerLoop : IDisposable
{
    private const double TargetRun = 150e-6;
    private const int MaxCopies = 64;
    private const int MaxTurns = 16;
    private readonly TimedLoop[] loops;
    private readonly EmptyLoops empties;
    private readonly int inputs;
    private readonly int markers;
    private readonly int copies;
    private readonly NamedValues? values;
    private int turn;

    private LayerLoop(TimedLoop[] loops, EmptyLoops empties, int inputs, int markers, int copies, double expected, NamedValues? values = null)
    {
        this.loops = loops;
        this.values = values;
        Expected = expected;
        this.empties = empties;
        this.inputs = inputs;
        this.markers = markers;
        this.copies = copies;
    }

    /// <summary>The empty loop that matches this one.</summary>
    public (int Inputs, int Markers) Empty => (inputs, markers);

    /// <summary>Seconds of a run as first seen; for planning only.</summary>
    public double Expected { get; }

    /// <summary>A model that does one layer's work once.</summary>
    /// <param name="loop">Taken over.</param>
    /// <param name="values">Its inputs; taken over.</param>
    /// <param name="inputs">Number of its inputs.</param>
    public static LayerLoop Of(TimedLoop loop, NamedValues values, EmptyLoops empties, int inputs) =>
        new([loop], empties, inputs, 1, 1, loop.Reading(0), values);

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
        int sets = layer.WeightBytes == 0 ? 1 : (int)Math.Clamp((rotation + layer.WeightBytes - 1) / layer.WeightBytes, 1, MaxCopies * MaxTurns);
        // Powers of two, so that layers share empty loops.
        int copies = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(TargetRun / alone, 1, MaxCopies));
        int turns = Math.Min((sets + copies - 1) / copies, MaxTurns);
        if (copies == 1 && turns == 1)
        {
            return new LayerLoop([first], empties, single.Inputs.Count, single.Markers, 1, alone);
        }

        first.Dispose();
        IsolatedModel repeated = IsolatedModel.Repeat(model, layer.Node, table, copies, Math.Min(sets, copies));
        empties.Seconds(repeated.Inputs.Count, repeated.Markers);
        var loops = new List<TimedLoop>(turns);
        try
        {
            for (int i = 0; i < turns; i++)
            {
                loops.Add(Loop(repeated));
                loops[^1].Once();
            }
        }
        catch
        {
            loops.ForEach(l => l.Dispose());
            throw;
        }

        return new LayerLoop([.. loops], empties, repeated.Inputs.Count, repeated.Markers, copies, copies * alone);

        TimedLoop Loop(IsolatedModel isolated) =>
            new(ModelSession.Create(isolated.Bytes, layer.Name, asIs), values, layer.Name, clock);
    }

    /// <summary>Seconds of one run of all copies; the loops take turns.</summary>
    public double Once()
    {
        turn = (turn + 1) % loops.Length;
        return loops[turn].Once();
    }

    /// <summary>Seconds of one execution of the node, the runtime's dispatch of it included, from the time of a run.</summary>
    public double Alone(double run) => Math.Max(0, run - empties.Seconds(inputs, markers)) / copies;

    public void Dispose()
    {
        foreach (TimedLoop loop in loops)
        {
            loop.Dispose();
        }

        values?.Dispose();
    }
}
