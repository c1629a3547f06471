using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Cli.Sensors;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;

namespace EdgePrune.Cli.Commands;

/// <summary>Lists power sensors, shows and records what they read, and says what they can resolve.</summary>
internal sealed class SensorsCommand : ReportingCommand
{
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<bool> watch = new("--watch") { Description = "Show the power as it is, until Ctrl-C or for the time given." };
    private readonly Option<string?> record = new("--record") { Description = "Write what is read to a CSV file, which a device file can replay.", HelpName = "file" };
    private readonly Option<double?> duration = DurationOption.Of("--for", "How long to watch, record or check, such as 10s or 5m. [default: until Ctrl-C; 30s for --check]");

    private readonly Option<string?> check = new("--check")
    {
        Description = "Measure noise and drift while the board rests, and whether the model named here can be resolved.",
        HelpName = "model",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();

    public SensorsCommand()
        : base("sensors", "List power sensors, their rates and rails; watch, record or check them.", "edgeprune sensors --watch --for 10s")
    {
        Add(device);
        Add(watch);
        Add(record);
        Add(duration);
        Add(check);
        Add(threads);
        Add(provider);
        Add(shapes);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        var board = Device.Load(parsed.GetValue(device)!);
        PowerSourceContext machine = reporter.Machine;
        string? file = parsed.GetValue(record);
        bool checks = parsed.GetResult(check) is not null;
        if (checks && (parsed.GetValue(watch) || file is not null))
        {
            throw CommandFailure.Usage("--check reads a board at rest; it does not go with --watch or --record");
        }

        if (checks)
        {
            SensorCheckDocument found = CheckRun.Of(
                board,
                machine,
                parsed.GetValue(duration),
                parsed.GetValue(check),
                SharedOptions.Settings(parsed, threads, provider),
                parsed.GetValue(shapes),
                reporter,
                cancellationToken);
            return new Outcome(found, console => SensorCheckReport.Show(console, found));
        }

        if (parsed.GetValue(watch) || file is not null)
        {
            if (file is not null && board.Sources.Any(s => s.Path is not null && Path.GetFullPath(s.Path) == Path.GetFullPath(file)))
            {
                throw CommandFailure.Usage($"--record {file}: the device replays this very file; give another name");
            }

            using IPowerSource source = SensorSurvey.Open(board, machine);
            SensorWatchDocument seen = WatchRun.Of(source, board.Name, machine.Clock, parsed.GetValue(duration), file, reporter, cancellationToken);
            return new Outcome(seen, console => SensorWatchView.Show(console, seen));
        }

        if (parsed.GetValue(duration) is not null)
        {
            throw CommandFailure.Usage("--for goes with --watch, --record or --check");
        }

        SensorsDocument document = SensorSurvey.Of(board, machine);
        return new Outcome(document, console => SensorsReport.Show(console, document), document.Energy.Problem is null ? ExitCode.Ok : ExitCode.DeviceUnavailable);
    }
}
