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

/// <summary>Gives a certificate more time; its key stays where it is.</summary>
internal sealed class KeysRenewCommand : ReportingCommand
{
    private const int MaxDays = 365;

    private readonly Argument<string> folder = new("folder") { Description = "The folder with ca.pem and ca.key." };
    private readonly Argument<string> certificate = new("certificate") { Description = "The certificate; it is replaced by the new one." };
    private readonly Option<int> days = new("--days") { Description = "How long the new one lasts.", HelpName = "days", DefaultValueFactory = _ => 7 };
    private readonly Option<string?> denyList = new("--deny-list") { Description = "Certificates that are denied are not renewed.", HelpName = "file" };

    public KeysRenewCommand()
        : base("renew", "Give a certificate more time; its key, its names and its roles stay.", "edgeprune keys renew site-keys site-keys/infer.pem --days 7")
    {
        Add(folder);
        Add(certificate);
        Add(days);
        Add(denyList);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        int life = parsed.GetValue(days);
        if (life is < 1 or > MaxDays)
        {
            throw CommandFailure.Usage($"--days is 1 to {MaxDays}");
        }

        string path = Path.GetFullPath(parsed.GetValue(certificate)!);
        using CertificateAuthority authority = KeyFolder.Authority(parsed.GetValue(folder)!, TimeProvider.System);
        using X509Certificate2 old = CertificateFile.Load(path);
        if (new DenyList(parsed.GetValue(denyList)).Contains(old))
        {
            throw new InputException($"{path} is on the deny list, so it is not renewed; issue a new one with --client");
        }

        (string text, DateTimeOffset expires) = authority.Renew(old, TimeSpan.FromDays(life));
        AtomicFile.WriteText(path, text);
        return new Outcome(
            new CertificateDocument(path, CertificateFile.NameOf(old), expires),
            console => console.Write(new Text(string.Create(CultureInfo.InvariantCulture, $"{path} now lasts until {expires.ToUniversalTime():u}; its key has not changed\n"))));
    }
}
