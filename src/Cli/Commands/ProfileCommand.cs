using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Cli.Commands;

/// <summary>Measures what each layer costs on this machine.</summary>
internal sealed class ProfileCommand : ReportingCommand
{
    private const double TimedSeconds = 6;
    private const double MeasuredSeconds = 60;
    private const double StoredSeconds = 2;

    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<double?> time = DurationOption.Of(
        "--time", "Time to spend: 60s, 2m. [default: 6s, or 60s where the device has a power sensor]", "--seconds");

    private readonly Option<int> top = SharedOptions.InRange(
        new Option<int>("--top") { Description = "Layers to list, the most expensive first; JSON has all.", DefaultValueFactory = _ => 20, HelpName = "n" }, 1, 100_000);

    private readonly Option<string?> output = new("--output", "-o") { Description = "Save the JSON document as well; 'compare' reads it.", HelpName = "file" };
    private readonly Option<string?> html = SharedOptions.Html();
    private readonly Option<string?> csv = new("--csv") { Description = "Write a row for each layer as well.", HelpName = "file" };

    private readonly Option<string?> table = new("--table")
    {
        Description = "Cost table of 'costs' whose staircases the page shows; what it lacks of this model is measured.",
        HelpName = "file",
    };

    public ProfileCommand()
        : base("profile", "Measure the latency of each layer, and its energy or a model of it.", "edgeprune profile samples/digits/digits.onnx --top 10")
    {
        Add(model);
        Add(device);
        Add(threads);
        Add(provider);
        Add(seed);
        Add(shapes);
        Add(time);
        Add(top);
        Add(output);
        Add(html);
        Add(csv);
        Add(table);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        var files = new ProfileFiles(parsed.GetValue(output), parsed.GetValue(html), parsed.GetValue(csv), parsed.GetValue(table));
        files.Check(parsed.GetValue(model)!);
        Device board = Device.Load(parsed.GetValue(device)!);
        OnnxModel loaded = ModelFile.Load(parsed.GetValue(model)!, parsed.GetValue(shapes));
        using IPowerSource? source = PowerSources.Open(board, PowerSourceContext.ForThisMachine(TimeProvider.System));
        using IMeasurementMarker marker = MeasurementMarkers.Open(board);
        (double timing, double energy) = Shares(parsed.GetValue(time), source is not null);
        var options = new ProfileOptions
        {
            Device = board,
            Session = SharedOptions.Settings(parsed, threads, provider),
            Budget = new Seconds(timing),
            Source = source,
            EnergyBudget = new Seconds(energy),
            Marker = marker,
            Seed = parsed.GetValue(seed),
            Shapes = parsed.GetValue(shapes),
        };
        ProfileReport report = reporter.Step(
            "profiling", progress => Profile.Run(loaded, options, progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)), cancellationToken));
        var document = ProfileDocument.Of(report, loaded.Path);
        CostCurves? costs = files.Table is null ? null : Costs(loaded, options, files.Table, reporter, cancellationToken);
        files.Write(document, costs, reporter);
        ExitCode code = report.Measured is { Invalid: not null } ? ExitCode.DeviceUnavailable : ExitCode.Ok;
        return new Outcome(document, console => ProfileView.Show(console, document, parsed.GetValue(top))) { Code = code };
    }

    // A sweep walks through the points that the table has in no time; what it lacks altogether is measured.
    private static CostCurves Costs(OnnxModel model, ProfileOptions options, string table, Reporter reporter, CancellationToken cancellationToken)
    {
        var sweep = new SweepOptions
        {
            Device = options.Device,
            Session = options.Session,
            Budget = new Seconds(StoredSeconds),
            Seed = options.Seed,
            Shapes = options.Shapes,
            Store = table,
        };
        var resizer = new BlockResizer(CouplingAnalysis.Run(model, Onnx.Sessions.ShapeProbe.Run(model, shapes: options.Shapes)));
        CostTable costs = reporter.Step(
            "reading costs",
            progress => CostSweep.Run(model, resizer, sweep, progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)), cancellationToken));
        return CostCurves.Of(costs, model.Path, options.Device.Name);
    }

    // Times settle sooner than energies: they get a tenth, as much as they need at most.
    private static (double Timing, double Energy) Shares(double? time, bool measured) =>
        measured ? (Math.Clamp((time ?? MeasuredSeconds) / 10, 1, TimedSeconds), (time ?? MeasuredSeconds) * 0.9) : (time ?? TimedSeconds, 0);
}
