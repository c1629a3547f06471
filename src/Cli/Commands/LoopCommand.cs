using System.CommandLine;
using EdgePrune.Agent.Client;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Loop.Boards;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
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
    private readonly Option<double> comparing = SharedOptions.InRange(
        new Option<double>("--compare-seconds") { Description = "Time to spend on each comparison of two models.", DefaultValueFactory = _ => 5, HelpName = "s" }, 0.1, 3600);
    private readonly Option<string?> train = new("--train") { Description = "Labelled samples to train the pruned model on with, the original as teacher; without them nothing is recovered.", HelpName = "path" };
    private readonly Option<int> epochs = SharedOptions.InRange(
        new Option<int>("--epochs") { Description = "Epochs of that training.", DefaultValueFactory = _ => 10, HelpName = "n" }, 1, 1_000_000);
    private readonly Option<string?> agent = new("--agent") { Description = "Measure on the board of this agent and deploy there, for example https://camera-3.local:8480.", HelpName = "url" };
    private readonly Option<string?> keys = new("--keys") { Description = "Folder that 'keys' has made, with the certificates for the agent.", HelpName = "folder" };
    private readonly Option<string?> key = new("--key") { Description = "Signs bundles and the page. [default: bundle.key in the folder of --keys]", HelpName = "file" };
    private readonly Option<string?> html = SharedOptions.Html();

    public LoopCommand()
        : base(
            "loop",
            "Profile, prune, check, deploy, measure again, and keep the model only if it is really better.",
            "edgeprune loop samples/digits/digits.onnx -o pruned.onnx --data samples/digits/test.npz")
    {
        Add(model);
        foreach (Option option in new Option[] { output, data, energy, drop, importance, kinds, allowInexact, constants, seed, device, store, run, threads, provider, shapes, seconds, table, comparing, train, epochs, agent, keys, key, html })
        {
            Add(option);
        }
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(model)!;
        string target = SharedOptions.OutputOf(parsed.GetValue(output), path);
        RemoteBoard? remote = Remote(parsed);
        (string name, DefaultBudgets budgets) = Board(parsed, remote, cancellationToken);
        var options = new LoopOptions
        {
            Model = path,
            Output = target,
            Run = parsed.GetValue(run) ?? target + ".run",
            Store = StoreLocation.Resolve(parsed.GetValue(store)),
            CostTable = CostTableLocation.Resolve(parsed.GetValue(table), name),
            Device = remote is null ? parsed.GetValue(device)! : name,
            Data = parsed.GetValue(data),
            Train = parsed.GetValue(train),
            RecoveryEpochs = parsed.GetValue(epochs),
            EnergyBudget = parsed.GetValue(energy) ?? (budgets.EnergyPercent / 100),
            Importance = parsed.GetValue(importance)!,
            Coupling = SharedOptions.Coupling(parsed, kinds, allowInexact),
            Constants = parsed.GetValue(constants),
            MaxAccuracyDrop = parsed.GetValue(drop),
            SweepSeconds = parsed.GetValue(seconds),
            ProfileSeconds = null,
            CompareSeconds = parsed.GetValue(comparing),
            Seed = parsed.GetValue(seed),
            Session = SharedOptions.Settings(parsed, threads, provider),
            Shapes = parsed.GetValue(shapes),
            Remote = remote,
            Page = parsed.GetValue(html) is { } page ? new LoopPage(page, parsed.GetValue(key) ?? remote?.BundleKey) : null,
        };
        using CancellationTokenRegistration hint = cancellationToken.Register(() => reporter.Note($"stopping; the same command goes on from {options.Run}"));
        return Outcome(new PruningLoop(options, reporter, cancellationToken).Run());
    }

    private RemoteBoard? Remote(ParseResult parsed)
    {
        if (parsed.GetValue(agent) is not { } address)
        {
            return parsed.GetValue(keys) is null ? null : throw CommandFailure.Usage("--keys goes with --agent");
        }

        if (new Option[] { device, store, table, provider }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } local)
        {
            throw CommandFailure.Usage($"{local.Name} is about this machine; the agent of --agent has its own");
        }

        string? folder = parsed.GetValue(keys);
        string? signing = parsed.GetValue(key) ?? (folder is null ? null : Path.Combine(folder, "bundle.key"));
        return signing is not null && File.Exists(signing)
            ? new RemoteBoard(address, folder, signing)
            : throw new InputException($"{signing ?? "--key is not given, which"} must be the key that signs bundles for the agent; 'edgeprune keys' makes bundle.key");
    }

    private (string Name, DefaultBudgets Budgets) Board(ParseResult parsed, RemoteBoard? remote, CancellationToken cancellationToken)
    {
        if (remote is null)
        {
            var board = Device.Load(parsed.GetValue(device)!);
            return (board.Name, board.Budgets);
        }

        using var client = AgentClient.Open(remote.Address, remote.Keys);
        AgentDevice there = client.GetDeviceAsync(cancellationToken).GetAwaiter().GetResult();
        return (there.Device, new DefaultBudgets(there.Budgets.EnergyPercent, there.Budgets.LatencyPercent, there.Budgets.AccuracyDropPoints));
    }

    internal static Outcome Outcome(LoopDocument document) =>
        new(document, console => LoopReport.Show(console, document), document.Verdict == "committed" ? ExitCode.Ok : ExitCode.TargetNotMet);
}
