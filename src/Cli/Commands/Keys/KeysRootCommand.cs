using System.CommandLine;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Keys;
using EdgePrune.Cli.Output;

namespace EdgePrune.Cli.Commands.Keys;

/// <summary>Shows a root, and what an update of it still needs; its subcommands make, sign and join the next one.</summary>
internal sealed class KeysRootCommand : ReportingCommand
{
    private readonly Argument<string?> root = new("root") { Description = "The root in force.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> next = new("--next") { Description = "The next root, signed or not, to set beside it.", HelpName = "file" };

    public KeysRootCommand()
        : base("root", "Show a root; make, sign and join the next one, on as many machines as there are keys.", "edgeprune keys root site-keys/root.json")
    {
        Add(root);
        Add(next);
        Add(new KeysRootMakeCommand());
        Add(new KeysRootSignCommand());
        Add(new KeysRootJoinCommand());
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(root) ?? throw CommandFailure.Usage("give the root in force, or one of make, sign, join");
        Envelope envelope = Envelope.Load(path, "the root");
        if (parsed.GetValue(next) is { } update)
        {
            return RootReport.Outcome(update, RootUpdate.Of(envelope, Envelope.Load(update, "the next root")), "");
        }

        RootMetadata metadata = TrustedRoot.Pin(envelope).Metadata;
        return new Outcome(RootDocument.Of(path, metadata), console => RootReport.Write(console, metadata));
    }
}
