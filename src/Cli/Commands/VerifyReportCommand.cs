using System.CommandLine;
using System.Globalization;
using EdgePrune.Agent.Reports;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using Spectre.Console;

namespace EdgePrune.Cli.Commands;

/// <summary>Checks the signature over a loop's page and the profile that it rests on.</summary>
internal sealed class VerifyReportCommand : ReportingCommand
{
    private readonly Argument<string> report = new("report") { Description = "The page; its profile and its signature lie beside it." };
    private readonly Option<string> root = new("--root") { Description = "The root that names the keys that count, as 'keys' has made it.", HelpName = "file", Required = true };

    public VerifyReportCommand()
        : base("verify-report", "Check that a signed page of 'loop' and its profile are as they were signed.", "edgeprune verify-report loop.html --root site-keys/root.json")
    {
        Add(report);
        Add(root);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        var trusted = TrustedRoot.Pin(Envelope.Load(parsed.GetValue(root)!, "the root"));
        try
        {
            (IReadOnlyList<string> files, DateTimeOffset signed, IReadOnlyList<string> signers) = SignedReport.Verify(parsed.GetValue(report)!, trusted);
            var document = new VerifyReportDocument(files, signed, signers);
            return new Outcome(document, console => console.Write(new Text(
                string.Create(CultureInfo.InvariantCulture, $"{string.Join(" and ", files)}: as signed on {signed:u} by {string.Join(", ", signers.Select(s => s[..12]))}\n"))));
        }
        catch (InputException no)
        {
            throw CommandFailure.VerificationFailed(no.Message);
        }
    }
}
