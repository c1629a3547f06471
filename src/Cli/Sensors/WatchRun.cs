using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Replay;

namespace EdgePrune.Cli.Sensors;

/// <summary>A watch with its display and its recording.</summary>
internal static class WatchRun
{
    private const double LineSeconds = 1;
    private const double DrawSeconds = 0.2;

    /// <summary>Watches for <paramref name="seconds"/>, or until it is cancelled, and records to <paramref name="file"/> where one is named.</summary>
    public static SensorWatchDocument Of(
        IPowerSource source, string device, TimeProvider clock, double? seconds, string? file, Reporter reporter, CancellationToken cancellationToken)
    {
        using TraceWriter? writer = file is null ? null : Writer(file, source, device);
        var watch = new SensorWatch(source, clock);
        try
        {
            Run(watch, source, seconds, file, writer, reporter, cancellationToken);
        }
        catch (SensorException failed)
        {
            writer?.Complete($"stopped: {failed.Message}");
            throw;
        }

        writer?.Complete("complete");
        return watch.Document(device, file, writer?.Rows);
    }

    private static TraceWriter Writer(string file, IPowerSource source, string device)
    {
        // A device such as /dev/full is a file as well; what cannot be written tells when it is opened.
        if (!File.Exists(file))
        {
            OutputFile.Check(file);
        }

        return new TraceWriter(file, source, device, source.Traits.Period.Value > 0 ? 1 / source.Traits.Period.Value : 0);
    }

    private static void Run(
        SensorWatch watch, IPowerSource source, double? seconds, string? file, TraceWriter? writer, Reporter reporter, CancellationToken cancellationToken)
    {
        double next = 0;
        if (!reporter.CanShowLive)
        {
            reporter.Note($"{source.Provenance.Word} by {source.Name}{(seconds is null ? "; Ctrl-C ends" : "")}");
            watch.Run(
                seconds,
                writer,
                () =>
                {
                    if (watch.Elapsed >= next)
                    {
                        next = Math.Floor(watch.Elapsed / LineSeconds + 1) * LineSeconds;
                        reporter.Note(SensorWatchView.Line(watch));
                    }
                },
                cancellationToken);
            return;
        }

        reporter.Live<object?>(draw =>
        {
            watch.Run(
                seconds,
                writer,
                () =>
                {
                    if (watch.Elapsed >= next)
                    {
                        next = watch.Elapsed + DrawSeconds;
                        draw(SensorWatchView.Live(watch, source.Name, source.Provenance.Word, reporter.Width, file));
                    }
                },
                cancellationToken);
            return null;
        });
    }
}
