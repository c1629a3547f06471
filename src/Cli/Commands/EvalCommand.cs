using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Cli.Commands;

/// <summary>Measures how often a classifier is right.</summary>
internal sealed class EvalCommand : ReportingCommand
{
    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string?> data = SharedOptions.Data("Labelled samples: .npz, .csv, IDX, a folder of .npy or of images.", required: true);
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();
    private readonly Option<int> batch = SharedOptions.InRange(
        new Option<int>("--batch") { Description = "Samples a run, where the model leaves that free.", DefaultValueFactory = _ => Evaluator.DefaultBatchSize, HelpName = "n" }, 1, 65_536);
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
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        OnnxModel loaded = ModelFile.Load(parsed.GetValue(model)!);
        Dataset samples = Dataset.Load(parsed.GetValue(data)!, new DatasetOptions { RequireLabels = true, LabelColumn = parsed.GetValue(labels) });
        using ModelSession session = ModelSession.Create(loaded, SharedOptions.Settings(parsed, threads, provider));
        ClassificationMetrics metrics = reporter.Step(
            "evaluating",
            progress => Evaluator.Run(
                session.Session, samples, parsed.GetValue(batch), progress.From<EvaluationProgress>(p => new StepProgress((double)p.Done / p.Total)), cancellationToken));
        var document = EvalDocument.Of(metrics, samples.ClassNames);
        return new Outcome(document, console => EvalReport.Show(console, document));
    }
}
