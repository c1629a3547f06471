using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// Loops without work, one for each number of inputs and markers. What they take is what the runtime itself takes for a run.
/// </summary>
internal sealed class EmptyLoops(ModelProto model, SessionSettings settings, TimeProvider clock) : IDisposable
{
    private readonly SessionSettings asIs = settings with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL, OptimizedModelPath = null };
    private readonly Dictionary<(int Inputs, int Markers), Entry> loops = [];

    /// <summary>The run overhead in seconds as last measured for these numbers.</summary>
    public double Seconds(int inputs, int markers) => Obtain(inputs, markers).Reading;

    /// <summary>Measures a loop anew, so that the overhead follows the machine through the rounds.</summary>
    public void Measure(int inputs, int markers, double slice) => Obtain(inputs, markers).Measure(slice);

    public void Dispose()
    {
        foreach (Entry entry in loops.Values)
        {
            entry.Dispose();
        }
    }

    private Entry Obtain(int inputs, int markers)
    {
        if (!loops.TryGetValue((inputs, markers), out Entry? entry))
        {
            IsolatedModel empty = IsolatedModel.Empty(model, inputs, markers);
            var values = new NamedValues(empty.Inputs.Select(
                name => KeyValuePair.Create(name, OrtValue.CreateTensorValueFromMemory(new float[1], [1]))));
            var session = ModelSession.Create(empty.Bytes, "the empty loop", asIs);
            loops[(inputs, markers)] = entry = new Entry(new TimedLoop(session, values, "the empty loop", clock), values);
            entry.Measure(2e-3);
        }

        return entry;
    }

    private sealed class Entry(TimedLoop loop, NamedValues values) : IDisposable
    {
        public double Reading { get; private set; }

        public void Measure(double slice) => Reading = loop.Reading(slice);

        public void Dispose()
        {
            loop.Dispose();
            values.Dispose();
        }
    }
}
