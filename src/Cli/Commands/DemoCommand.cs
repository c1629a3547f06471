using System.CommandLine;
using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Loop.Boards;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Cli.Commands;

/// <summary>The loop on the digits sample, from nothing, in a folder of its own.</summary>
internal sealed class DemoCommand : ReportingCommand
{
    private const double EnergyBudget = 0.7;
    private const double AllowedDrop = 2;
    private const double SweepSeconds = 20;
    private const double ProfileSeconds = 3;

    private readonly Option<string?> folder = new("--folder") { Description = "Where models, plan and store go. [default: in the user's data folder]", HelpName = "folder" };
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<bool> agent = new("--agent") { Description = "Start a real agent with keys and TLS on this machine, and run the loop against it." };
    private readonly Option<string?> html = SharedOptions.Html();

    public DemoCommand()
        : base("demo", "Run the whole loop on the handwritten digits sample, in under two minutes.", "edgeprune demo")
    {
        Add(folder);
        Add(seed);
        Add(agent);
        Add(html);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string sample = Sample();
        using var place = DemoFolder.Clear(Path.GetFullPath(parsed.GetValue(folder) ?? Path.Combine(StoreLocation.UserData(), "demo")));
        var options = new LoopOptions
        {
            Model = Path.Combine(sample, "digits.onnx"),
            Data = Path.Combine(sample, "test.npz"),
            Output = Path.Combine(place.Folder, "pruned.onnx"),
            Run = Path.Combine(place.Folder, "run"),
            Store = Path.Combine(place.Folder, "store"),
            CostTable = Path.Combine(place.Folder, "costs.sqlite"),
            Device = "host",
            EnergyBudget = EnergyBudget,
            Importance = "l2",
            MaxAccuracyDrop = AllowedDrop,
            SweepSeconds = SweepSeconds,
            ProfileSeconds = ProfileSeconds,
            Seed = parsed.GetValue(seed),
            Session = SessionSettings.Default,
        };
        if (!parsed.GetValue(agent))
        {
            return LoopCommand.Outcome(new PruningLoop(options with { Page = Page(parsed, null) }, reporter, cancellationToken).Run());
        }

        using DemoAgent board = reporter.Step("starting an agent", _ => DemoAgent.Start(place.Folder, cancellationToken));
        reporter.Note($"an agent answers at {board.Address}, with mutual TLS; its keys are in {board.Keys}");
        string signing = Path.Combine(board.Keys, "bundle.key");
        Outcome outcome = LoopCommand.Outcome(new PruningLoop(
            options with
            {
                Remote = new RemoteBoard(board.Address, board.Keys, signing),
                Page = Page(parsed, signing) ?? new LoopPage(Path.Combine(place.Folder, "loop.html"), signing),
            },
            reporter,
            cancellationToken).Run());
        reporter.Step("stopping the agent", _ =>
        {
            board.Dispose();
            return board;
        });
        return outcome;
    }

    private LoopPage? Page(ParseResult parsed, string? key) => parsed.GetValue(html) is { } page ? new LoopPage(page, key) : null;

    // Above the program in a checkout, beside it where it was published.
    private static string Sample()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string sample = Path.Combine(at.FullName, "samples", "digits");
            if (File.Exists(Path.Combine(sample, "digits.onnx")))
            {
                return sample;
            }
        }

        throw new InputException($"the sample samples/digits is neither beside {AppContext.BaseDirectory} nor above it; run from a checkout, or publish again");
    }
}
