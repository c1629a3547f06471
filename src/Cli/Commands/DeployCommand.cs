using System.CommandLine;
using EdgePrune.Agent.Deployment;
using EdgePrune.Cli.Deployment;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;

namespace EdgePrune.Cli.Commands;

/// <summary>Brings a model into service after a trial run in a process of its own.</summary>
internal sealed class DeployCommand : ReportingCommand
{
    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string?> store = SharedOptions.Store();
    private readonly Option<string?> note = new("--note") { Description = "Text to keep in the store's journal.", HelpName = "text" };

    public DeployCommand()
        : base("deploy", "Check a model, try it in a child process, and switch to it atomically.", "edgeprune deploy pruned.onnx --note \"70 % energy\"")
    {
        Add(model);
        Add(store);
        Add(note);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        using LocalStore local = LocalStore.Open(StoreLocation.Resolve(parsed.GetValue(store)));
        DeployResult result = reporter.Step(
            "deploying",
            _ => local.Deployer.Deploy(parsed.GetValue(model)!, new DeployRequest { Note = parsed.GetValue(note) }, cancellationToken));
        var document = DeployDocument.Of(result, local.Reader.Folder);
        return new Outcome(document, console => DeployReport.Show(console, document));
    }
}
