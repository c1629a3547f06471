using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Cli.Commands;

/// <summary>Measures what each layer would cost if it were narrower.</summary>
internal sealed class CostsCommand : ReportingCommand
{
    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<double> seconds = SharedOptions.SweepSeconds();
    private readonly Option<string?> table = SharedOptions.CostTable();
    private readonly Option<string?> html = SharedOptions.Html();

    public CostsCommand()
        : base("costs", "Measure what each layer would cost at other widths.", "edgeprune costs samples/digits/digits.onnx --seconds 30")
    {
        Add(model);
        Add(device);
        Add(threads);
        Add(provider);
        Add(seed);
        Add(shapes);
        Add(seconds);
        Add(table);
        Add(html);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(html) is { } wanted)
        {
            OutputFile.Check(wanted, parsed.GetValue(model), parsed.GetValue(table));
        }

        var board = Device.Load(parsed.GetValue(device)!);
        OnnxModel loaded = ModelFile.Load(parsed.GetValue(model)!, parsed.GetValue(shapes));
        var options = new SweepOptions
        {
            Device = board,
            Session = SharedOptions.Settings(parsed, threads, provider),
            Budget = new Seconds(parsed.GetValue(seconds)),
            Seed = parsed.GetValue(seed),
            Shapes = parsed.GetValue(shapes),
            Store = CostTableLocation.Resolve(parsed.GetValue(table), board.Name),
        };
        var resizer = new BlockResizer(CouplingAnalysis.Run(loaded, Onnx.Sessions.ShapeProbe.Run(loaded, shapes: options.Shapes)));
        CostTable costs = reporter.Step(
            "measuring costs",
            progress => CostSweep.Run(loaded, resizer, options, progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)), cancellationToken));
        var document = CostsDocument.Of(costs, board.Name, new EnergyModel(board).Provenance.Word, options.Store);
        if (parsed.GetValue(html) is { } page)
        {
            HtmlPage.Write(page, ReportPage.Of(CostCurves.Of(costs, loaded.Path, board.Name)));
            reporter.Note($"wrote {page}");
        }

        return new Outcome(document, console => CostsReport.Show(console, document));
    }
}
