using System.CommandLine;
using System.Globalization;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Signing;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using Spectre.Console;

namespace EdgePrune.Cli.Commands;

/// <summary>Signs a model for a class of devices.</summary>
internal sealed class BundleCommand : ReportingCommand
{
    private const int MaxDays = 3650;

    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string[]> keys = new("--key") { Description = "A signing key that the devices' root names for bundles; may be repeated.", HelpName = "file", Required = true };
    private readonly Option<long> version = new("--bundle-version") { Description = "Counts up from bundle to bundle; devices do not go back.", HelpName = "n", Required = true };
    private readonly Option<string[]> deviceClasses = new("--device-class") { Description = "The devices that it is for; may be repeated.", HelpName = "name", Required = true };
    private readonly Option<string> name = new("--name") { Description = "Which of the devices' models it replaces.", HelpName = "name", DefaultValueFactory = _ => "default" };
    private readonly Option<int> days = new("--days") { Description = "How long it may be installed.", HelpName = "days", DefaultValueFactory = _ => 30 };
    private readonly Option<string?> output = new("--output", "-o") { Description = "The bundle. [default: beside the model]", HelpName = "file" };

    public BundleCommand()
        : base("bundle", "Sign a model for a class of devices.", "edgeprune bundle pruned.onnx --key bundle.key --bundle-version 7 --device-class raspberry-pi-4")
    {
        Add(model);
        Add(keys);
        Add(version);
        Add(deviceClasses);
        Add(name);
        Add(days);
        Add(output);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        int life = parsed.GetValue(days);
        if (life is < 1 or > MaxDays)
        {
            throw CommandFailure.Usage($"--days is 1 to {MaxDays}");
        }

        string source = parsed.GetValue(model)!;
        string target = parsed.GetValue(output) ?? Path.ChangeExtension(source, ".bundle");
        OutputFile.Check(target, source);
        OnnxModel.FromBytes(File.ReadAllBytes(source), source); // an agent would refuse what this refuses
        List<SigningKey> signers = [];
        try
        {
            signers.AddRange(parsed.GetValue(keys)!.Select(SigningKey.Load));
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            var manifest = new BundleManifest
            {
                Name = parsed.GetValue(name)!,
                Version = parsed.GetValue(version),
                Issued = now,
                Expires = now.AddDays(life),
                DeviceClasses = parsed.GetValue(deviceClasses)!,
                Resources = [],
            };
            (BundleManifest written, Envelope envelope) = BundleWriter.Write(target, manifest, [new BundleFile("model.onnx", ResourceRole.Model, source)], signers);
            var document = new BundleDocument(Path.GetFullPath(target), written.Name, written.Version, written.Model.Digest, envelope.PayloadDigest, written.Expires);
            return new Outcome(document, console => console.Write(new Text(
                string.Create(CultureInfo.InvariantCulture, $"wrote {document.Path}: {document.Name} version {document.Version}, to be installed before {document.Expires:u}\n"))));
        }
        finally
        {
            signers.ForEach(s => s.Dispose());
        }
    }
}
