using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Checks;

/// <summary>Measures what a source can resolve: its noise while the board rests, and a model's power above that.</summary>
public sealed class SourceCheck
{
    private readonly IPowerSource source;
    private readonly TimeProvider clock;
    private readonly Action<Seconds> pass;

    /// <param name="pass">Lets time pass; may throw to cancel.</param>
    public SourceCheck(IPowerSource source, TimeProvider clock, Action<Seconds> pass)
    {
        this.source = source;
        this.clock = clock;
        this.pass = pass;
    }

    /// <summary>Noise and drift over a time in which the caller keeps the machine at rest.</summary>
    /// <exception cref="SensorException">The window was invalid; its reason is told.</exception>
    public SensorNoise Idle(Seconds duration) => NoiseAnalysis.Of(Window(() => pass(duration)), source.Rails, source.Traits);

    /// <summary>Power of a model in a loop, with idle before and after.</summary>
    /// <param name="length">Length of each of the three windows.</param>
    /// <exception cref="InputException">The model cannot be run.</exception>
    /// <exception cref="SensorException">A window was invalid.</exception>
    public ModelResolution Load(
        OnnxModel model, SessionSettings settings, IReadOnlyDictionary<string, long[]>? shapes, Seconds length, CancellationToken cancel)
    {
        using NamedValues inputs = ProbedInputs.Make(model, ShapeProbe.Run(model, null, shapes));
        using var loop = new TimedLoop(ModelSession.Create(model, settings), inputs, model.Source, clock);
        _ = loop.Runs(length.Value / 4); // warms up
        Watts before = Power(Window(() => pass(length)));
        int runs = 0;
        PowerWindow busy = Window(() =>
        {
            for (double total = 0; total < length.Value; runs++)
            {
                cancel.ThrowIfCancellationRequested();
                total += loop.Once();
            }
        });
        Watts after = Power(Window(() => pass(length)));
        return new ModelResolution(busy.Duration / runs, (before + after) / 2, Power(busy));
    }

    private PowerWindow Window(Action work)
    {
        PowerWindow window;
        source.Start();
        try
        {
            work();
        }
        finally
        {
            window = source.Stop();
        }

        return window.Invalid is null ? window : throw new SensorException($"{source.Name}: {window.Invalid}");
    }

    private Watts Power(PowerWindow window) =>
        new(PowerRail.Summed(source.Rails).Sum(rail => (window.Energy[rail] / window.Duration).Value));
}
