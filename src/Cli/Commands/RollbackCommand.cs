using System.CommandLine;
using EdgePrune.Cli.Deployment;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;

namespace EdgePrune.Cli.Commands;

/// <summary>Puts the model that served before back into service.</summary>
internal sealed class RollbackCommand : ReportingCommand
{
    private readonly Option<string?> store = SharedOptions.Store();
    private readonly Option<string> reason = new("--reason")
    {
        Description = "Text to keep in the store's journal.",
        HelpName = "text",
        DefaultValueFactory = _ => "asked for on the command line",
    };

    public RollbackCommand()
        : base("rollback", "Put the model that served before back into service.", "edgeprune rollback --reason \"wrong answers on site\"")
    {
        Add(store);
        Add(reason);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        using LocalStore local = LocalStore.Open(StoreLocation.Resolve(parsed.GetValue(store)));
        var document = DeployDocument.Of(local.Deployer.RollBackToPrevious(parsed.GetValue(reason)!), local.Reader.Folder);
        return new Outcome(document, console => DeployReport.Show(console, document));
    }
}
