using System.CommandLine;
using EdgePrune.Cli.Documents;
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
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();

    public InspectCommand()
        : base("inspect", "List layers, the units that can be cut, and what is frozen and why.", "edgeprune inspect samples/digits/digits.onnx")
    {
        Add(model);
        Add(shapes);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(model)!;
        OnnxModel loaded = ModelFile.Load(path, parsed.GetValue(shapes));
        IReadOnlyDictionary<string, ValueShape> known = ShapeProbe.Run(loaded, shapes: parsed.GetValue(shapes));
        var document = InspectDocument.Of(loaded, path, ModelStatistics.Of(loaded, known), CouplingAnalysis.Run(loaded, known));
        return new Outcome(document, console => InspectReport.Show(console, document));
    }
}
