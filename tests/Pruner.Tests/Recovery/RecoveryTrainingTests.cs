using System.IO.Compression;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;
using Pruner.Tests.Schedules;

namespace Pruner.Tests.Recovery;

public sealed class RecoveryTrainingTests
{
    [Fact]
    public void A_training_that_diverges_says_so_in_words()
    {
        var options = new RecoveryOptions { Training = SmallSchedules.DigitsData(64), LearningRate = 1e9, MaxGradientNorm = 1e12, BatchSize = 16 };
        InputException failed = Assert.Throws<InputException>(
            () => RecoveryTraining.Run(SmallSchedules.DigitsModel(), options, 20, cancel: TestContext.Current.CancellationToken));
        Assert.Contains("--learning-rate", failed.Message);
    }

    [Fact]
    public void Without_labels_what_is_left_learns_the_originals_outputs_again()
    {
        using var folder = new TempFolder();
        string unlabelled = WithoutLabels(folder, Path.Combine(SmallSchedules.Digits, "train.npz"));
        OnnxModel original = SmallSchedules.DigitsModel(), damaged = original.Clone();
        var random = new Random(1);
        foreach (TensorProto tensor in damaged.Graph.Initializer.Where(t => t.Dims.Count > 1 && ElementTypes.TypeOf(t) == TensorProto.Types.DataType.Float).ToList())
        {
            float[] values = TensorReader.ToFloats(tensor);
            double size = Math.Sqrt(values.Average(v => (double)v * v));
            TensorProto noisy = TensorEditor.FromFloats(tensor.Name, [.. values.Select(v => v + (float)(size * 1.5 * (random.NextDouble() - 0.5)))], [.. tensor.Dims]);
            damaged.Graph.Initializer[damaged.Graph.Initializer.IndexOf(tensor)] = noisy;
        }

        RecoveryOptions options = new TrainingSource(unlabelled) { Distill = true, Steps = 60, BatchSize = 32 }.Load();
        Assert.True(options.Imitates);
        RecoveryTraining.Check(damaged, options);
        OnnxModel recovered = RecoveryTraining.Run(damaged, options, options.Steps, new TrainingDetail { Teacher = original }, TestContext.Current.CancellationToken);

        Dataset judged = SmallSchedules.DigitsData();
        double Unexplained(OnnxModel model)
        {
            using var a = ModelSession.Create(original);
            using var b = ModelSession.Create(model);
            return 1 - OutputAgreement.Of(a.Session, b.Session, judged, cancellation: TestContext.Current.CancellationToken).Values.RSquared;
        }

        Assert.True(Unexplained(recovered) < 0.3 * Unexplained(damaged), $"{Unexplained(damaged)} before, {Unexplained(recovered)} after");
    }

    [Fact]
    public void A_training_that_wins_nothing_at_any_rate_is_dropped_and_counted()
    {
        using var folder = new TempFolder();
        string unlabelled = WithoutLabels(folder, Path.Combine(SmallSchedules.Digits, "train.npz"));
        RecoveryOptions hopeless = new TrainingSource(unlabelled) { Distill = true, Steps = 3, BatchSize = 32, LearningRate = 1e9 }.Load() with { MaxGradientNorm = 1e12 };
        ScheduleContext context = SmallSchedules.Context(SmallSchedules.DigitsModel(), SmallSchedules.Options(0.3, recovery: hopeless));
        // The most important ones: the least important ones of this sample do nothing, and there is nothing to win.
        HashSet<int> units = context.Next([.. context.Initial.Select(i => -i)], new HashSet<int>(), context.Budget.At(1));
        ScheduledModel left = IterativePruning.Once(context, units);
        Assert.Equal(1, left.DroppedTrainings);

        ScheduleContext without = SmallSchedules.Context(SmallSchedules.DigitsModel(), SmallSchedules.Options(0.3));
        Assert.Equal(IterativePruning.Once(without, units).Model.ToBytes(), left.Model.ToBytes());
        ScheduleContext gentle = SmallSchedules.Context(SmallSchedules.DigitsModel(), SmallSchedules.Options(0.3, recovery: hopeless with { LearningRate = 0.01, MaxGradientNorm = 5, Steps = 60 }));
        Assert.Equal(0, IterativePruning.Once(gentle, units).DroppedTrainings);
    }

    [Fact]
    public void Without_labels_and_without_a_teacher_nothing_is_learnt()
    {
        using var folder = new TempFolder();
        string unlabelled = WithoutLabels(folder, Path.Combine(SmallSchedules.Digits, "train.npz"));
        Assert.Contains("labels", Assert.Throws<InputException>(() => new TrainingSource(unlabelled).Load()).Message, StringComparison.Ordinal);
    }

    private static string WithoutLabels(TempFolder folder, string path)
    {
        string copy = folder.File("unlabelled.npz");
        File.Copy(path, copy);
        File.WriteAllLines(folder.File("data.yaml"), File.ReadLines(Path.Combine(Path.GetDirectoryName(path)!, "data.yaml")).Where(l => !l.StartsWith("labels:", StringComparison.Ordinal)));
        using ZipArchive archive = ZipFile.Open(copy, ZipArchiveMode.Update);
        archive.Entries.Single(e => e.Name == "labels.npy").Delete();
        return copy;
    }

    [Fact]
    public void No_steps_leave_the_model_as_it_is()
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        Assert.Same(model, RecoveryTraining.Run(model, new RecoveryOptions { Training = SmallSchedules.DigitsData(8) }, 0, cancel: TestContext.Current.CancellationToken));
    }
}
