using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Training;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using EdgePrune.Training.Loop;

namespace EdgePrune.Cli.Loop;

/// <summary>
/// Trains the pruned model on with the original as teacher, as <c>finetune</c> does. An interrupted training goes on from its
/// checkpoint in the run's folder.
/// </summary>
internal sealed class Recovery(LoopOptions options, RunFolder run, Reporter reporter, CancellationToken cancel)
{
    // What 'finetune' takes where nothing is asked for.
    private const double LearningRate = 0.01;

    /// <param name="original">The teacher.</param>
    /// <param name="candidate">The pruned model's file.</param>
    /// <param name="source">The training data.</param>
    public RecoveryDocument Run(OnnxModel original, string candidate, Dataset source)
    {
        OnnxModel pruned = OnnxModel.Load(candidate);
        (Dataset training, Dataset? held) = ValidationChoice.Usual.Split(source, new DatasetOptions { RequireLabels = true }, options.Seed);
        var plan = new TrainingPlan
        {
            Epochs = options.RecoveryEpochs,
            LearningRate = LearningRate,
            Teacher = new Teacher(original),
            Seed = options.Seed,
            Session = new SessionSettings { Threads = Environment.ProcessorCount },
        };
        string checkpoint = run.PathOf("recovery.checkpoint");
        using var loop = TrainingLoop.Create(pruned, training, held, plan);
        if (File.Exists(checkpoint))
        {
            loop.Resume(checkpoint);
            reporter.Note($"recovering: going on after step {loop.Done} of {loop.Steps}");
        }

        double? before = PruneStep.Accuracy(pruned, options.Session, held, cancel);
        TrainingResult result = reporter.Board(view => loop.Run(
            new LoopServices { Checkpoint = checkpoint, Progress = new TrainingView(view, TimeProvider.System) }, cancel));
        string output = run.PathOf("recovered.onnx");
        result.Model.Save(output);
        File.Delete(checkpoint);
        return new RecoveryDocument(
            output, training.Count, held?.Count ?? 0, result.Curve.Count, result.Best.Epoch, before, PruneStep.Accuracy(result.Model, options.Session, held, cancel), result.Seconds);
    }
}
