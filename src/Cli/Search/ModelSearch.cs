using System.Globalization;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Search;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Cli.Search;

/// <summary>
/// Looks for the front of cost against accuracy. Each finished trial is a file in the folder, written whole or not at all, so that the same
/// command goes on after a Ctrl-C, a kill or a power cut, and goes on further with more time.
/// </summary>
internal sealed class ModelSearch(SearchOptions options, Reporter reporter, CancellationToken cancel)
{
    private readonly string modelName = Path.GetFileName(options.Model);

    /// <exception cref="InputException">The data cannot judge the model, or no trial gives a model.</exception>
    public SearchDocument Run(OnnxModel model)
    {
        // First, so that data which do not fit the model are told before minutes of measuring.
        (Dataset stays, Dataset held) = Split();
        double accuracy = Judge(model, held);
        using RunFolder run = RunFolder.Open(options.Folder, options.Identity(), reporter);
        var calibration = new CalibrationData(stays, options.Base.Calibration?.Samples ?? CalibrationData.DefaultSamples, options.Base.Seed);
        Lazy<SearchRunner> runner = new(() => Prepare(model, held, calibration));
        var search = new RecipeSearch(options.Recipes, held.Count, options.Seconds, request => run.Step(Name(request), () => Try(run, runner.Value, request)));
        IReadOnlyList<SearchTrial> trials = search.Run();
        if (search.Front.Count == 0)
        {
            throw new InputException(
                $"no trial gave a model in the time there was{(trials.FirstOrDefault(t => t.Problem is not null) is { } failed ? $"; the first that failed: {failed.Problem}" : "; give more (--time)")}");
        }

        FrontModel[] front = [.. search.Front.Select(t => Measured(run, model, t))];
        var document = new SearchDocument(
            modelName,
            Words.Of(options.Metric),
            front[0].Provenance,
            options.Train,
            calibration.Count,
            held.Count,
            accuracy,
            front,
            trials,
            trials.Sum(t => t.Seconds),
            run.Folder);
        AtomicFile.WriteText(run.PathOf("front.json"), Json.Write(document));
        HtmlPage.Write(run.PathOf("front.html"), ReportPage.Of(document));
        Tidy(run, search.Front);
        return document;
    }

    private static string Name(TrialRequest request) =>
        string.Create(CultureInfo.InvariantCulture, $"{request.Recipe.Name}-{request.Share * 100:0.##}-of-{request.Samples}");

    private static string ModelName(int trial) => string.Create(CultureInfo.InvariantCulture, $"model-{trial}.onnx");

    private (Dataset Stays, Dataset Held) Split()
    {
        Dataset training = Dataset.Load(options.Train, new DatasetOptions { RequireLabels = true });
        return training.Labels!.Distinct().Take(2).Count() < 2
            ? throw new InputException($"{training.Source}: all {training.Count} samples are of class {training.Labels![0]}, of which any accuracy can be had; take samples of all classes")
            : StratifiedSplit.Of(training, options.HeldOut, options.Base.Seed);
    }

    private double Judge(OnnxModel model, Dataset held)
    {
        using var session = ModelSession.Create(model, options.Base.Session);
        return Evaluator.Run(session.Session, held, cancellation: cancel).Accuracy;
    }

    // Costs that were measured before an interruption are in the folder's own table, unless another is named.
    private SearchRunner Prepare(OnnxModel model, Dataset held, CalibrationData calibration)
    {
        PruneRecipe common = options.Base with { Calibration = null, Reconstruction = null, CostStore = options.Base.CostStore ?? Path.Combine(Path.GetFullPath(options.Folder), "costs.sqlite") };
        PruneOptions Of(SearchRecipe recipe)
        {
            PruneOptions made = recipe.In(common).ToOptions();
            return made with { Calibration = calibration, Scoring = made.Scoring with { Data = calibration }, Sparsity = made.Sparsity is null ? null : made.Sparsity with { Data = calibration } };
        }

        return reporter.Step(
            "measuring costs",
            progress => new SearchRunner(model, Of, options.Recipes[0], options.Metric, held, progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)), cancel));
    }

    private SearchTrial Try(RunFolder run, SearchRunner runner, TrialRequest request)
    {
        SearchTrial trial = runner.Run(request, made => made.Save(run.PathOf(ModelName(request.Number))));
        reporter.Note(trial.Accuracy is { } accuracy
            ? $"{Name(request)}: {Figures.Percent(trial.Cost)} of the {Words.Of(options.Metric)}, accuracy {Figures.Percent(accuracy, 2)}"
            : $"{Name(request)}: {trial.Problem}");
        return trial;
    }

    // One file a trial and not one a place: a front that has grown keeps what was measured of its members.
    private FrontModel Measured(RunFolder run, OnnxModel original, SearchTrial trial)
    {
        string output = run.PathOf(ModelName(trial.Number));
        string file = run.PathOf(string.Create(CultureInfo.InvariantCulture, $"recipe-{trial.Number}.yaml"));
        PruneRecipe recipe = trial.Recipe.In(options.Base) with
        {
            Calibration = new CalibrationSource(Path.GetFullPath(options.Train), options.Base.Calibration?.Samples ?? CalibrationData.DefaultSamples),
            Budget = BudgetRequest.AtMost(options.Metric, trial.Share),
        };
        AtomicFile.WriteText(file, recipe.ToYaml(run.Folder));
        return run.Kept(string.Create(CultureInfo.InvariantCulture, $"measured-{trial.Number}"), () =>
        {
            PruneOptions made = (options.Base with { Calibration = null }).ToOptions();
            var comparison = ModelComparison.Run(original, OnnxModel.Load(output), made.Device, made.Session, made.CompareBudget, shapes: made.Shapes, cancel: cancel);
            return new FrontModel(
                trial.Number,
                trial.Recipe.Name,
                options.Metric switch
                {
                    CostMetric.Latency => comparison.LatencyRatio.Median,
                    CostMetric.Energy => comparison.EnergyRatio.Median,
                    _ => trial.Cost,
                },
                trial.Cost,
                trial.Accuracy!.Value,
                Figure.Of(comparison.LatencyRatio, 1)!,
                Figure.Of(comparison.EnergyRatio, 1)!,
                comparison.First.Energy.Provenance.Word,
                new FileInfo(output).Length,
                output,
                file);
        });
    }

    // Models that something beats take room and nothing else. Those of a front stay, so that a search that goes on has them.
    private static void Tidy(RunFolder run, IReadOnlyList<SearchTrial> front)
    {
        HashSet<string> kept = [.. front.Select(t => run.PathOf(ModelName(t.Number)))];
        foreach (string path in Directory.EnumerateFiles(run.Folder, "model-*.onnx").Where(p => !kept.Contains(p)).ToList())
        {
            File.Delete(path);
        }
    }
}
