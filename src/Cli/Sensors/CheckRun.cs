using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Checks;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Cli.Sensors;

/// <summary>Checks a source, and whether it resolves a model.</summary>
internal static class CheckRun
{
    private const double DefaultSeconds = 30;
    private const double PauseSeconds = 0.1;

    // Long enough for slow sensors to have a few readings, short against the drift of a warm board.
    private const double LoadSeconds = 3;
    private const double LoadPeriods = 30;

    public static SensorCheckDocument Of(
        Device device,
        PowerSourceContext machine,
        double? seconds,
        string? model,
        SessionSettings settings,
        Dictionary<string, long[]>? shapes,
        Reporter reporter,
        CancellationToken cancellationToken)
    {
        // A model that cannot be run is told before the board rests for long.
        OnnxModel? loaded = model is null ? null : ModelFile.Load(model, shapes);
        using IPowerSource source = SensorSurvey.Open(device, machine);
        double length = seconds ?? DefaultSeconds;
        SensorNoise noise = reporter.Step("at rest", progress =>
            new SourceCheck(source, machine.Clock, time => Rest(time, machine.Clock, progress, cancellationToken)).Idle(new Seconds(length)));
        CheckedModel? resolved = null;
        if (loaded is not null)
        {
            Seconds window = new(Math.Max(LoadSeconds, LoadPeriods * source.Traits.Period.Value));
            ModelResolution found = reporter.Step("running the model", progress =>
                new SourceCheck(source, machine.Clock, time => Rest(time, machine.Clock, progress, cancellationToken)).Load(loaded, settings, shapes, window, cancellationToken));
            resolved = SensorCheckDocument.ModelOf(model!, found, noise);
        }

        return new SensorCheckDocument(device.Name, source.Name, source.Provenance.Word, SensorCheckDocument.NoiseOf(noise), resolved);
    }

    private static void Rest(Seconds time, TimeProvider clock, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        long begin = clock.GetTimestamp();
        for (double elapsed = 0; elapsed < time.Value; elapsed = clock.GetElapsedTime(begin).TotalSeconds)
        {
            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(Math.Min(PauseSeconds, time.Value - elapsed)));
            cancellationToken.ThrowIfCancellationRequested();
            progress.Report(new StepProgress(Math.Min(1, elapsed / time.Value), null));
        }
    }
}
