using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// Loops without work, one for each number of inputs and markers. What they take is what the runtime itself takes for a run.
/// </summary>
internal sealed class EmptyLoops(ModelProto model, SessionSettings settings, QuietRunner runner, TimeProvider clock) : IDisposable
{
    private const int FirstRuns = 8;
    private const int MostRuns = 256;
    private readonly SessionSettings asIs = settings with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL, OptimizedModelPath = null };
    private readonly Dictionary<(int Inputs, int Markers), Entry> loops = [];

    /// <summary>The run overhead in seconds at the machine's best speed, of the last <see cref="MostRuns"/> runs with these numbers.</summary>
    public double Seconds(int inputs, int markers) => runner.Speed.Read(Obtain(inputs, markers).Runs).Seconds;

    /// <summary>Adds runs of a loop, so that the overhead follows the machine through the rounds.</summary>
    public void Measure(int inputs, int markers, int runs, double patience, CancellationToken cancel) =>
        Obtain(inputs, markers).Measure(runner, runs, patience, cancel);

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
            entry.Measure(runner, FirstRuns, 0, default);
        }

        return entry;
    }

    private sealed class Entry(TimedLoop loop, NamedValues values) : IDisposable
    {
        private readonly List<PacedRun> runs = [];

        public IReadOnlyList<PacedRun> Runs => runs;

        public void Measure(QuietRunner runner, int wanted, double patience, CancellationToken cancel)
        {
            runs.AddRange(runner.Take(loop.Once, wanted, patience, cancel));
            runs.RemoveRange(0, Math.Max(0, runs.Count - MostRuns));
        }

        public void Dispose()
        {
            loop.Dispose();
            values.Dispose();
        }
    }
}
