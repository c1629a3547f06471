using System.CommandLine;
using System.Globalization;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Signing;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using Spectre.Console;

namespace EdgePrune.Cli.Commands;

/// <summary>Signs a model for a class of devices.</summary>
internal sealed class BundleCommand : ReportingCommand
{
    private const int MaxDays = 3650;
    private const int MaxCanaries = 4096;

    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string[]> keys = new("--key") { Description = "A signing key that the devices' root names for bundles; may be repeated.", HelpName = "file", Required = true };
    private readonly Option<long> version = new("--bundle-version") { Description = "Counts up from bundle to bundle; devices do not go back.", HelpName = "n", Required = true };
    private readonly Option<string[]> deviceClasses = new("--device-class") { Description = "The devices that it is for; may be repeated.", HelpName = "name", Required = true };
    private readonly Option<string> name = new("--name") { Description = "Which of the devices' models it replaces.", HelpName = "name", DefaultValueFactory = _ => "default" };
    private readonly Option<int> days = new("--days") { Description = "How long it may be installed.", HelpName = "days", DefaultValueFactory = _ => 30 };
    private readonly Option<string?> canary = new("--canary") { Description = "An .npz of inputs with expected outputs: arrays input.NAME, output.NAME and labels, counted along their first axis.", HelpName = "file" };
    private readonly Option<string?> canaryData = new("--canary-data") { Description = "A folder or manifest of samples, as eval takes it, to make canaries of: what this model answers here is expected of the device.", HelpName = "path" };
    private readonly Option<int> canaryCount = new("--canary-count") { Description = "How many samples of --canary-data.", HelpName = "n", DefaultValueFactory = _ => 16 };
    private readonly GateOptions gates = new();
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
        Add(canary);
        Add(canaryData);
        Add(canaryCount);
        gates.AddTo(this);
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
        OnnxModel read = OnnxModel.FromBytes(File.ReadAllBytes(source), source); // an agent would refuse what this refuses
        BundleGates? signed = gates.Read(parsed);
        List<SigningKey> signers = [];
        string made = target + ".canaries.npz";
        try
        {
            List<BundleFile> files = [new("model.onnx", ResourceRole.Model, source)];
            if (Canaries(parsed, read, signed, made) is { } canaries)
            {
                files.Add(new BundleFile("canary.npz", ResourceRole.Canary, canaries));
            }

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
                Gates = signed,
            };
            (BundleManifest written, Envelope envelope) = BundleWriter.Write(target, manifest, files, signers);
            var document = new BundleDocument(Path.GetFullPath(target), written.Name, written.Version, written.Model.Digest, envelope.PayloadDigest, written.Expires);
            return new Outcome(document, console => console.Write(new Text(
                string.Create(CultureInfo.InvariantCulture, $"wrote {document.Path}: {document.Name} version {document.Version}, to be installed before {document.Expires:u}\n"))));
        }
        finally
        {
            signers.ForEach(s => s.Dispose());
            File.Delete(made);
        }
    }

    /// <summary>The canaries' file, which this model passes here; null: none were asked for.</summary>
    private string? Canaries(ParseResult parsed, OnnxModel read, BundleGates? signed, string made)
    {
        string? given = parsed.GetValue(canary);
        string? data = parsed.GetValue(canaryData);
        if (given is not null && data is not null)
        {
            throw CommandFailure.Usage("--canary and --canary-data are two ways to the same; give one");
        }

        if (given is null && data is null)
        {
            return null;
        }

        using ModelSession session = ModelSession.Create(read);
        if (data is not null)
        {
            int count = parsed.GetValue(canaryCount);
            if (count is < 1 or > MaxCanaries)
            {
                throw CommandFailure.Usage($"--canary-count is 1 to {MaxCanaries}");
            }

            Dataset samples = Dataset.Load(data);
            CanaryWriter.Write(made, session, RealInputs.Of(read, samples, count), samples.Labels);
        }

        string file = given ?? made;
        using CanarySet set = CanarySet.Load(file);
        var rule = AnswerRule.Of(signed ?? BundleGates.None);
        CanaryResult result = set.Check(session, rule);
        return result.Holds(rule) ? file : throw CommandFailure.VerificationFailed($"{parsed.GetValue(model)} does not pass these canaries here, so no device would take it: {result}");
    }
}
