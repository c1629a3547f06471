using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Cli.Commands;

/// <summary>Measures what each layer costs on this machine.</summary>
internal sealed class ProfileCommand : ReportingCommand
{
    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<double> seconds = SharedOptions.InRange(
        new Option<double>("--seconds") { Description = "Time to spend on measuring.", DefaultValueFactory = _ => 6, HelpName = "s" }, 0.1, 3600);
    private readonly Option<int> top = SharedOptions.InRange(
        new Option<int>("--top") { Description = "Layers to list, the most expensive first; JSON has all.", DefaultValueFactory = _ => 20, HelpName = "n" }, 1, 100_000);

    public ProfileCommand()
        : base("profile", "Measure the latency of each layer, and its energy or a model of it.", "edgeprune profile samples/digits/digits.onnx --top 10")
    {
        Add(model);
        Add(device);
        Add(threads);
        Add(provider);
        Add(seed);
        Add(shapes);
        Add(seconds);
        Add(top);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        var options = new ProfileOptions
        {
            Device = Device.Load(parsed.GetValue(device)!),
            Session = SharedOptions.Settings(parsed, threads, provider),
            Budget = new Seconds(parsed.GetValue(seconds)),
            Seed = parsed.GetValue(seed),
            Shapes = parsed.GetValue(shapes),
        };
        OnnxModel loaded = ModelFile.Load(parsed.GetValue(model)!, parsed.GetValue(shapes));
        ProfileReport report = reporter.Step(
            "profiling", progress => Profile.Run(loaded, options, progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)), cancellationToken));
        var document = ProfileDocument.Of(report);
        return new Outcome(document, console => ProfileView.Show(console, document, parsed.GetValue(top)));
    }
}
