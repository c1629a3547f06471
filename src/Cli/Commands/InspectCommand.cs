using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Drawing;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Cli.Commands;

/// <summary>Says what a model is made of, which units can be cut, and what is frozen and why.</summary>
internal sealed class InspectCommand : ReportingCommand
{
    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<UnitKind[]?> kinds = SharedOptions.Kinds(UnitWords.All);
    private readonly Option<bool> allowInexact = SharedOptions.AllowInexact();
    private readonly Option<string?> graph = new("--graph")
    {
        Description = "Draw the model with its groups of units on a page for the browser; it needs no network.",
        HelpName = "file",
    };

    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();

    public InspectCommand()
        : base("inspect", "List layers, the units that can be cut, and what is frozen and why.", "edgeprune inspect samples/digits/digits.onnx --graph digits.html")
    {
        Add(model);
        Add(kinds);
        Add(allowInexact);
        Add(graph);
        Add(shapes);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(model)!;
        if (parsed.GetValue(graph) is { } wanted)
        {
            OutputFile.Check(wanted, path);
        }

        OnnxModel loaded = ModelFile.Load(path, parsed.GetValue(shapes));
        IReadOnlyDictionary<string, ValueShape> known = ShapeProbe.Run(loaded, shapes: parsed.GetValue(shapes));
        var statistics = ModelStatistics.Of(loaded, known);
        CouplingOptions options = SharedOptions.Coupling(parsed, kinds, allowInexact);
        CouplingResult coupling = CouplingAnalysis.Run(loaded, known, options);
        var document = InspectDocument.Of(loaded, path, statistics, coupling, BlockAnalysis.Run(loaded, known, options));
        if (parsed.GetValue(graph) is { } page)
        {
            HtmlPage.Write(page, ReportPage.Of(GraphDrawing.Of(loaded, document, coupling, statistics, known)));
            reporter.Note($"wrote {page}");
        }

        return new Outcome(document, console => InspectReport.Show(console, document));
    }
}
