using System.CommandLine;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Cli.Keys;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Cli.Commands.Keys;

/// <summary>Adds signatures to the next root, on the machine where the key is.</summary>
internal sealed class KeysRootSignCommand : ReportingCommand
{
    private readonly Argument<string> root = new("root") { Description = "The root in force." };
    private readonly Argument<string> next = new("next") { Description = "The next root; the signatures are added to it." };
    private readonly Option<string[]> keys = new("--key") { Description = "A root key of the root in force or of the next one. May be repeated.", HelpName = "file", Required = true };

    public KeysRootSignCommand()
        : base("sign", "Sign the next root with a root key; shows what it changes.", "edgeprune keys root sign root.json root-2.json --key root.key")
    {
        Add(root);
        Add(next);
        Add(keys);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(parsed.GetValue(next)!);
        Envelope before = Envelope.Load(parsed.GetValue(root)!, "the root");
        var update = RootUpdate.Of(before, Envelope.Load(path, "the next root"));
        List<SigningKey> signers = [];
        try
        {
            signers.AddRange(parsed.GetValue(keys)!.Select(SigningKey.Load));
            Envelope signed = update.Sign(signers);
            AtomicFile.WriteBytes(path, signed.ToBytes());
            return RootReport.Outcome(path, RootUpdate.Of(before, signed), $"signed {path}\n");
        }
        finally
        {
            signers.ForEach(s => s.Dispose());
        }
    }
}
