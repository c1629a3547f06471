using System.CommandLine;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Cli.Keys;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Cli.Commands.Keys;

/// <summary>Brings signatures that were made on several machines together in one file.</summary>
internal sealed class KeysRootJoinCommand : ReportingCommand
{
    private readonly Argument<string> root = new("root") { Description = "The root in force." };
    private readonly Argument<string[]> parts = new("parts") { Description = "The next root as each machine has signed it.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> output = new("--output", "-o") { Description = "The next root with all signatures.", HelpName = "file", Required = true };
    private readonly Option<string[]> drop = new("--drop") { Description = "A key whose signature is left out, by its whole name. May be repeated.", HelpName = "key" };

    public KeysRootJoinCommand()
        : base("join", "Join the signatures that several machines have made over the same next root.", "edgeprune keys root join root.json a/root-2.json b/root-2.json -o root-2.json")
    {
        Add(root);
        Add(parts);
        Add(output);
        Add(drop);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string[] files = parsed.GetValue(parts)!;
        Envelope joined = Envelope.Load(files[0], files[0]);
        foreach (string file in files.Skip(1))
        {
            joined = joined.Join(Envelope.Load(file, file), file);
        }

        foreach (string key in parsed.GetValue(drop) ?? [])
        {
            int before = joined.Signatures.Count;
            joined = joined.WithoutSignature(key);
            if (joined.Signatures.Count == before)
            {
                throw new InputException($"there is no signature of a key '{Printable.Name(key)}'");
            }
        }

        string path = Path.GetFullPath(parsed.GetValue(output)!);
        var update = RootUpdate.Of(Envelope.Load(parsed.GetValue(root)!, "the root"), joined);
        AtomicFile.WriteBytes(path, joined.ToBytes());
        return RootReport.Outcome(path, update, $"wrote {path}\n");
    }
}
