using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Cli.Training;
using EdgePrune.Onnx;
using EdgePrune.Training.Data;
using EdgePrune.Training.Loop;

namespace EdgePrune.Cli.Commands;

/// <summary>What <c>train</c> and <c>finetune</c> have in common: they differ in the weights that they begin with.</summary>
internal abstract class TrainingCommand : ReportingCommand
{
    private const double CheckpointSeconds = 30;
    private readonly string suffix;
    private readonly Argument<string> model;
    private readonly Option<string?> data = SharedOptions.Data("Labelled samples: .npz, .npy, .csv, IDX, .bin, a folder of .npy or of images.", required: true);
    private readonly Option<string?> output;
    private readonly Option<ValidationChoice?> validation = ValidationChoice.Option();
    private readonly Option<string?> labels = new("--labels") { Description = "Array or column that holds the labels. [default: by name]", HelpName = "name" };
    private readonly Option<int> resident = SharedOptions.InRange(
        new Option<int>("--resident") { Description = "MiB of an array of data that are held in memory; a larger one is read from its file sample by sample.", DefaultValueFactory = _ => 1024, HelpName = "MiB" }, 0, 1 << 20);

    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<string?> checkpoint = new("--checkpoint")
    {
        Description = "Where the state goes while training is under way; kept when it is done. [default: beside the output, removed when done]",
        HelpName = "file",
    };

    private readonly Option<double?> interval = DurationOption.Of("--checkpoint-every", "Time between two checkpoints: 500ms, 30s, 10m. [default: 30s]");
    private readonly Option<bool> resume = new("--resume") { Description = "Go on from the checkpoint, where there is one." };
    private readonly Option<string?> html = SharedOptions.Html();

    /// <param name="name">The command.</param>
    /// <param name="description">What it does.</param>
    /// <param name="example">A command line that works.</param>
    /// <param name="argument">What the model argument is.</param>
    /// <param name="suffix">What the model's name gets where no output is named.</param>
    /// <param name="arguments">How to train.</param>
    protected TrainingCommand(string name, string description, string example, Argument<string> argument, string suffix, TrainingArguments arguments)
        : base(name, description, example)
    {
        this.suffix = suffix;
        Settings = arguments;
        model = argument;
        output = new("--output", "-o", "--out") { Description = "Where the trained model goes. [default: beside the model]", HelpName = "file" };
        Add(model);
        foreach (Option option in (IEnumerable<Option>)[data, output, validation, .. arguments.All, labels, resident, shapes, checkpoint, interval, resume, html])
        {
            Add(option);
        }
    }

    protected TrainingArguments Settings { get; }

    /// <summary>The model with the weights to begin with.</summary>
    protected abstract OnnxModel Prepare(OnnxModel loaded, ParseResult parsed);

    /// <summary>What this command adds to the plan.</summary>
    protected virtual TrainingPlan Complete(TrainingPlan plan, OnnxModel prepared, ParseResult parsed) => plan;

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(model)!, source = parsed.GetValue(data)!;
        string target = parsed.GetValue(output) ?? Path.ChangeExtension(path, suffix);
        string state = parsed.GetValue(checkpoint) ?? target + ".checkpoint";
        string? page = parsed.GetValue(html);
        ValidationChoice judges = parsed.GetValue(validation) ?? ValidationChoice.Usual;
        OutputFile.Check(target, path, source, Settings.TeacherPath(parsed), judges.Path);
        OutputFile.Check(state, path, source, target, Settings.TeacherPath(parsed));
        if (page is not null)
        {
            OutputFile.Check(page, path, source, target, state);
        }

        bool resumes = parsed.GetValue(resume);
        if (!resumes && File.Exists(state))
        {
            throw new InputException($"{state} is the checkpoint of a training; give --resume to go on from it, or delete it to start anew");
        }

        OnnxModel prepared = Prepare(ModelFile.Load(path, parsed.GetValue(shapes)), parsed);
        var options = new DatasetOptions { RequireLabels = true, LabelColumn = parsed.GetValue(labels), ResidentBytes = (long)parsed.GetValue(resident) << 20 };
        (Dataset training, Dataset? held) = judges.Split(Dataset.Load(source, options), options, Settings.Seed(parsed));
        TrainingPlan plan = Complete(Settings.Plan(parsed, prepared, parsed.GetValue(shapes)), prepared, parsed);
        using var loop = TrainingLoop.Create(prepared, training, held, plan);
        if (resumes)
        {
            Resume(loop, state, reporter);
        }

        var services = new LoopServices { Checkpoint = state, CheckpointInterval = TimeSpan.FromSeconds(parsed.GetValue(interval) ?? CheckpointSeconds) };
        TrainingResult result = Train(loop, services, target, reporter, cancellationToken);
        result.Model.Save(target);
        if (parsed.GetValue(checkpoint) is null)
        {
            File.Delete(state);
        }

        var document = TrainDocument.Of(Name, path, target, training, held, plan, result);
        if (page is not null)
        {
            HtmlPage.Write(page, ReportPage.Of(document));
            reporter.Note($"wrote {page}");
        }

        return new Outcome(document, console => TrainReport.Show(console, document));
    }

    private static void Resume(TrainingLoop loop, string state, Reporter reporter)
    {
        if (File.Exists(state))
        {
            loop.Resume(state);
            reporter.Note($"going on after step {loop.Done} of {loop.Steps}");
        }
        else
        {
            reporter.Note($"there is no checkpoint {state}; starting from the beginning");
        }
    }

    private static TrainingResult Train(TrainingLoop loop, LoopServices services, string target, Reporter reporter, CancellationToken cancellationToken)
    {
        try
        {
            return reporter.Board(board => loop.Run(services with { Progress = new TrainingView(board, services.Clock) }, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            reporter.Note($"the state after step {loop.Done} of {loop.Steps} is in {services.Checkpoint}; the same command with --resume goes on from there");
            throw;
        }
        catch (DivergenceException diverged)
        {
            string survivor = Path.ChangeExtension(target, ".best.onnx");
            diverged.Best?.Save(survivor);
            string kept = diverged.BestEpoch is { } epoch ? $" The best model so far, of epoch {epoch.Epoch}, is in {survivor}." : " No epoch was finished before.";
            throw new InputException(diverged.Message + "." + kept, diverged);
        }
    }
}
