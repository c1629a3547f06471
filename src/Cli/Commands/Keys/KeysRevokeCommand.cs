using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Certificates;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Keys;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using Spectre.Console;

namespace EdgePrune.Cli.Commands.Keys;

/// <summary>Puts a certificate's key on a deny list.</summary>
internal sealed class KeysRevokeCommand : ReportingCommand
{
    private const int MaxReasonLength = 200;

    private readonly Argument<string> certificate = new("certificate") { Description = "The certificate that is to count no more." };
    private readonly Option<string> denyList = new("--deny-list") { Description = "The list; made where it is missing.", HelpName = "file", Required = true };
    private readonly Option<string?> reason = new("--reason") { Description = "Why, for those who read the list.", HelpName = "text" };

    public KeysRevokeCommand()
        : base("revoke", "Put a certificate on a deny list, with all others issued to its key.", "edgeprune keys revoke site-keys/ci.pem --deny-list site-keys/denied")
    {
        Add(certificate);
        Add(denyList);
        Add(reason);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string why = parsed.GetValue(reason) ?? "";
        if (why.Length > MaxReasonLength)
        {
            throw CommandFailure.Usage($"--reason has at most {MaxReasonLength} characters");
        }

        string path = Path.GetFullPath(parsed.GetValue(denyList)!);
        using X509Certificate2 denied = CertificateFile.Load(parsed.GetValue(certificate)!);
        string name = CertificateFile.NameOf(denied);
        string before = File.Exists(path) ? File.ReadAllText(path) : "# Certificates that do not count: the SHA-256 of a certificate or of its key, or a serial number, a line.\n";
        bool there = File.Exists(path) && new DenyList(path).Contains(denied); // a list that an agent could not read is not added to
        if (!there)
        {
            string note = Printable.Name(why.Length == 0 ? name : $"{name}: {why}").ReplaceLineEndings(" ");
            string line = string.Create(CultureInfo.InvariantCulture, $"{DenyList.KeyOf(denied)} # {TimeProvider.System.GetUtcNow():yyyy-MM-dd} {note}\n");
            AtomicFile.WriteText(path, before.EndsWith('\n') || before.Length == 0 ? before + line : $"{before}\n{line}");
        }

        return new Outcome(new CertificateDocument(path, name, denied.NotAfter), console => console.Write(new Text(there
            ? $"'{name}' is on {path} already\n"
            : $"'{name}' is on {path}; bring the file to every agent (setting tls.denyList), which reads it anew by itself\n")));
    }
}
