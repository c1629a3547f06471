using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Evaluation;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Cli.Commands;

/// <summary>Measures how often a classifier is right.</summary>
internal sealed class EvalCommand : ReportingCommand
{
    private const double UsualSeconds = 4;
    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string?> data = SharedOptions.Data("Labelled samples: .npz, .csv, IDX, a folder of .npy or of images.", required: true);
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();
    private readonly Option<int> batch = SharedOptions.InRange(
        new Option<int>("--batch") { Description = "Samples a run, where the model leaves that free.", DefaultValueFactory = _ => Evaluator.DefaultBatchSize, HelpName = "n" }, 1, 65_536);
    private readonly Option<string?> original = new("--original")
    {
        Description = "The model that it was made of: both side by side, latency and energy measured interleaved; labels are not needed then.",
        HelpName = "file",
    };

    private readonly Option<string?> targets = new("--targets") { Description = "With --original: array of --data that holds the numbers which the first output should be.", HelpName = "name" };
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<double?> seconds = DurationOption.Of("--seconds", "With --original: time to spend on measuring. [default: 4s]");
    private readonly Option<string?> labels = new("--labels") { Description = "Array or column that holds the labels. [default: by name]", HelpName = "name" };

    public EvalCommand()
        : base("eval", "Measure accuracy, F1 and confusion on labelled data.", "edgeprune eval samples/digits/digits.onnx --data samples/digits/test.npz")
    {
        Add(model);
        Add(data);
        Add(threads);
        Add(provider);
        Add(batch);
        Add(labels);
        Add(original);
        Add(targets);
        Add(device);
        Add(seconds);
        Validators.Add(result =>
        {
            if (result.GetResult(original) is null && new Option[] { targets, seconds }.FirstOrDefault(o => result.GetResult(o) is not null) is { } alone)
            {
                result.AddError($"{alone.Name} goes with --original");
            }
        });
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        OnnxModel loaded = ModelFile.Load(parsed.GetValue(model)!);
        string? first = parsed.GetValue(original);
        Dataset samples = Dataset.Load(parsed.GetValue(data)!, new DatasetOptions { RequireLabels = first is null, LabelColumn = parsed.GetValue(labels) });
        if (first is not null)
        {
            EvalComparisonDocument compared = Compare(parsed, ModelFile.Load(first), loaded, samples, reporter, cancellationToken);
            return new Outcome(compared, console => EvaluationReport.Show(console, compared));
        }

        using ModelSession session = ModelSession.Create(loaded, SharedOptions.Settings(parsed, threads, provider));
        ClassificationMetrics metrics = reporter.Step(
            "evaluating",
            progress => Evaluator.Run(
                session.Session, samples, parsed.GetValue(batch), progress.From<EvaluationProgress>(p => new StepProgress((double)p.Done / p.Total)), cancellationToken));
        var document = EvalDocument.Of(metrics, samples.ClassNames);
        return new Outcome(document, console => EvalReport.Show(console, document));
    }

    private EvalComparisonDocument Compare(ParseResult parsed, OnnxModel before, OnnxModel after, Dataset samples, Reporter reporter, CancellationToken cancel)
    {
        SessionSettings settings = SharedOptions.Settings(parsed, threads, provider);
        var evaluation = new ModelEvaluation(settings, samples, parsed.GetValue(targets));
        ClassificationFigures? old = evaluation.Classify(before, cancel);
        ClassificationFigures? now = evaluation.Classify(after, cancel);
        var board = Device.Load(parsed.GetValue(device)!);
        ModelComparison comparison = reporter.Step(
            "measuring", _ => ModelComparison.Run(before, after, board, settings, new Seconds(parsed.GetValue(seconds) ?? UsualSeconds), cancel: cancel));
        EvaluationDocument document = evaluation.Compare(
            (before, evaluation.Side(before, before.Path!, old, Memory(before), cancel)),
            (after, evaluation.Side(after, after.Path!, now, Memory(after), cancel)),
            pruningSeconds: 0,
            cancel);
        return new EvalComparisonDocument(
            ModelFigures.Of(comparison.First, new FileInfo(before.Path!).Length, old?.Accuracy),
            ModelFigures.Of(comparison.Second, new FileInfo(after.Path!).Length, now?.Accuracy),
            comparison.First.Energy.Provenance.Word,
            Figure.Of(comparison.LatencyRatio, 1)!,
            Figure.Of(comparison.EnergyRatio, 1)!,
            document);
    }

    private static double Memory(OnnxModel model)
    {
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model, null, null);
        return PaperCosts.Of(model, CouplingAnalysis.Run(model, shapes), shapes).At().MemoryBytes;
    }
}
