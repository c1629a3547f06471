using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Cli.Commands;

/// <summary>Profile, prune, check, deploy, measure again, decide; goes on where it was interrupted.</summary>
internal sealed class LoopCommand : ReportingCommand
{
    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string?> output = SharedOptions.Output();
    private readonly Option<string?> data = SharedOptions.Data("Labelled samples; without them accuracy is not compared.");
    private readonly Option<double?> energy = SharedOptions.Percent("--energy-budget", "Energy that may remain. [default: the device's budget]");
    private readonly Option<double> drop = SharedOptions.InRange(
        new Option<double>("--max-accuracy-drop") { Description = "Percentage points that accuracy may fall.", DefaultValueFactory = _ => 2, HelpName = "points" }, 0, 100);
    private readonly Option<string> importance = SharedOptions.Importance();
    private readonly Option<UnitKind[]?> kinds = SharedOptions.Kinds(UnitWords.OfBudgets);
    private readonly Option<bool> allowInexact = SharedOptions.AllowInexact();
    private readonly Option<ConstantHandling> constants = SharedOptions.Constants();
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<string?> store = SharedOptions.Store();
    private readonly Option<string?> run = new("--run") { Description = "Folder that keeps finished steps. [default: beside the output]", HelpName = "folder" };
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<double> seconds = SharedOptions.SweepSeconds();
    private readonly Option<string?> table = SharedOptions.CostTable();

    public LoopCommand()
        : base(
            "loop",
            "Profile, prune, check, deploy, measure again, and keep the model only if it is really better.",
            "edgeprune loop samples/digits/digits.onnx -o pruned.onnx --data samples/digits/test.npz")
    {
        Add(model);
        foreach (Option option in new Option[] { output, data, energy, drop, importance, kinds, allowInexact, constants, seed, device, store, run, threads, provider, shapes, seconds, table })
        {
            Add(option);
        }
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(model)!;
        string target = SharedOptions.OutputOf(parsed.GetValue(output), path);
        var board = Device.Load(parsed.GetValue(device)!);
        var options = new LoopOptions
        {
            Model = path,
            Output = target,
            Run = parsed.GetValue(run) ?? target + ".run",
            Store = StoreLocation.Resolve(parsed.GetValue(store)),
            CostTable = CostTableLocation.Resolve(parsed.GetValue(table), board.Name),
            Device = parsed.GetValue(device)!,
            Data = parsed.GetValue(data),
            EnergyBudget = parsed.GetValue(energy) ?? (board.Budgets.EnergyPercent / 100),
            Importance = parsed.GetValue(importance)!,
            Coupling = SharedOptions.Coupling(parsed, kinds, allowInexact),
            Constants = parsed.GetValue(constants),
            MaxAccuracyDrop = parsed.GetValue(drop),
            SweepSeconds = parsed.GetValue(seconds),
            ProfileSeconds = 6,
            Seed = parsed.GetValue(seed),
            Session = SharedOptions.Settings(parsed, threads, provider),
            Shapes = parsed.GetValue(shapes),
        };
        using CancellationTokenRegistration hint = cancellationToken.Register(() => reporter.Note($"stopping; the same command goes on from {options.Run}"));
        return Outcome(new PruningLoop(options, reporter, cancellationToken).Run());
    }

    internal static Outcome Outcome(LoopDocument document) =>
        new(document, console => LoopReport.Show(console, document), document.Verdict == "committed" ? ExitCode.Ok : ExitCode.TargetNotMet);
}
