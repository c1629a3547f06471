using System.CommandLine;
using EdgePrune.Cli.Comparison;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;

namespace EdgePrune.Cli.Commands;

/// <summary>Sets two profiles side by side and says which differences are real.</summary>
internal sealed class CompareCommand : ReportingCommand
{
    private readonly Argument<string> first = new("a") { Description = "A profile: what 'profile --output' wrote." };
    private readonly Argument<string> second = new("b") { Description = "Another profile; ratios are B over A." };
    private readonly Option<string?> html = SharedOptions.Html();

    private readonly Option<bool> across = new("--across")
    {
        Description = "Compare although device, runtime or threads differ. Energies of different provenance never are.",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<int> top = SharedOptions.InRange(
        new Option<int>("--top") { Description = "Layers to list, the largest difference first; JSON has all.", DefaultValueFactory = _ => 20, HelpName = "n" }, 1, 100_000);

    public CompareCommand()
        : base("compare", "Set two profiles side by side and say which differences are real.", "edgeprune compare before.json after.json")
    {
        Add(first);
        Add(second);
        Add(html);
        Add(across);
        Add(top);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        (string a, string b) = (parsed.GetValue(first)!, parsed.GetValue(second)!);
        string? page = parsed.GetValue(html);
        if (page is not null)
        {
            OutputFile.Check(page, a, b);
        }

        CompareDocument document = ProfileComparison.Of(ProfileReader.Read(a), ProfileReader.Read(b), (Path.GetFileName(a), Path.GetFileName(b)), parsed.GetValue(across));
        if (page is not null)
        {
            HtmlPage.Write(page, ReportPage.Of(document));
            reporter.Note($"wrote {page}");
        }

        return new Outcome(document, console => CompareReport.Show(console, document, parsed.GetValue(top)));
    }
}
