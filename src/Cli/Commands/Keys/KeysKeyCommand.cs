using System.CommandLine;
using EdgePrune.Agent.Signing;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Keys;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Commands.Keys;

/// <summary>Makes one signing key, for a holder of a root or bundle key on a machine of its own.</summary>
internal sealed class KeysKeyCommand : ReportingCommand
{
    private readonly Argument<string> file = new("file") { Description = "The private key; its public half goes beside it, with the ending .pub." };

    public KeysKeyCommand()
        : base("key", "Make one more signing key; the public half is what others need of it.", "edgeprune keys key root-b.key") => Add(file);

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(parsed.GetValue(file)!);
        using var key = SigningKey.Create();
        NewFiles.Write([(path, key.ToPem(), true), (path + ".pub", key.Public.ToPem(), false)]);
        return new Outcome(
            new KeyDocument(path, path + ".pub", key.Public.Id),
            console => console.Write(new Text($"wrote {path} (secret) and {path}.pub; the key is {key.Public.Id}\n")));
    }
}
