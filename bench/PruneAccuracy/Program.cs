using System.Diagnostics;
using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Training.Data;
using EdgePrune.Training.Data.Augmentation;
using EdgePrune.Training.Evaluation;
using PruneAccuracy;

// Usage: see bench/prune-accuracy.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var arguments = Arguments.Parse(args);
var settings = new SessionSettings { Threads = Environment.ProcessorCount };
Dataset train = Dataset.Load(Path.Combine(arguments.Folder, "train_15000.npz"));
Dataset judged = arguments.OnTest
    ? Dataset.Load(Path.Combine(arguments.Folder, "test_10000.npz"))
    : train.Shuffle(99).Subset(Enumerable.Range(train.Count - 3000, 3000));
Dataset learned = arguments.OnTest ? train : train.Shuffle(99).Take(train.Count - 3000);
var recovery = new RecoveryOptions
{
    Training = learned,
    BatchSize = 128,
    LearningRate = arguments.LearningRate,
    Distill = arguments.Distill,
    TeacherShare = arguments.TeacherShare,
    Features = arguments.Features,
    Augmentation = AugmentationPlan.Parse(arguments.Augment),
};
Console.WriteLine($"calibrated on {arguments.Samples} samples of {(arguments.OnTest ? "train_15000" : "12,000 of train_15000")}, judged on {(arguments.OnTest ? "test_10000" : "the other 3,000 of train_15000")}");
Console.WriteLine($"| model | criterion | units | MACs ÷ | as cut | BN | bias | least squares | {arguments.Recover} steps | s | training s |");
Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
foreach (string name in arguments.Models)
{
    OnnxModel model = OnnxModel.Load(Path.Combine(arguments.Folder, name + "_cifar10.onnx"));
    CouplingResult coupling = CouplingAnalysis.Run(model);
    var planner = new MacPlanner(model, coupling);
    var data = new CalibrationData(learned, arguments.Samples);
    Console.WriteLine($"| {name} |  |  | 1.00 | {Accuracy(model):F2} |  |  |  |  |  |  |");
    foreach (string criterion in arguments.Criteria)
    {
        var watch = Stopwatch.StartNew();
        double[] scores = UnitScoring.Score(
            new ImportanceContext(model, coupling) { Data = new CalibrationData(learned, arguments.ScoreSamples, 1), Session = settings }, new ScoringOptions { Criterion = criterion });
        double scoring = watch.Elapsed.TotalSeconds;
        foreach (double ratio in arguments.Ratios)
        {
            IReadOnlyList<int> removed = planner.Choose(scores, ratio, !arguments.Trunk);
            OnnxModel pruned = ModelSurgeon.Apply(model, coupling, [.. removed]);
            double actual = (double)planner.Macs / ModelStatistics.Of(pruned).Macs;
            watch.Restart();
            ReconstructionResult fitted = Reconstructor.Run(model, pruned, coupling, [.. removed], data, arguments.Options, settings);
            double seconds = scoring + watch.Elapsed.TotalSeconds;
            if (arguments.Verbose)
            {
                foreach (FittedLayer layer in fitted.Layers)
                {
                    Console.Error.WriteLine($"{layer.Layer}: {layer.Before:F4} → {layer.After:F4}");
                }
            }

            watch.Restart();
            string recovered = arguments.Recover > 0 ? $"{Accuracy(RecoveryTraining.Run(fitted.Model, recovery, arguments.Recover, new TrainingDetail { Teacher = model, Session = settings })):F2}" : "";
            string training = arguments.Recover > 0 ? $"{watch.Elapsed.TotalSeconds:F0}" : "";
            string[] figures = arguments.Quick
                ? ["", "", ""]
                : [
                    $"{Accuracy(pruned):F2}",
                    $"{Accuracy(NormalizationEstimator.Run(pruned, data, session: settings)):F2}",
                    $"{Accuracy(Reconstructor.Run(model, pruned, coupling, [.. removed], data, arguments.Options with { Kind = ReconstructionKind.Bias }, settings).Model):F2}",
                ];
            Console.WriteLine($"| {name} | {criterion} | {(arguments.Trunk ? "all" : "inner")} | {actual:F2} | {figures[0]} | {figures[1]} | {figures[2]} | {Accuracy(fitted.Model):F2} | {recovered} | {seconds:F0} | {training} |");
        }
    }
}

return 0;

double Accuracy(OnnxModel candidate)
{
    using ModelSession session = ModelSession.Create(candidate, settings);
    return 100 * Evaluator.Run(session.Session, judged, 100).Accuracy;
}
