using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using EdgePrune.Training.Checkpoints;
using EdgePrune.Training.Data;
using EdgePrune.Training.Data.Augmentation;
using EdgePrune.Training.Evaluation;
using EdgePrune.Training.Initialization;
using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Optimizers;

namespace EdgePrune.Training.Tests.Loop;

public sealed class TrainingLoopTests
{
    private static readonly TrainingPlan Short = new() { Epochs = 3, BatchSize = 48, Seed = 5 };

    [Fact]
    public void A_small_network_learns_the_digits_and_the_model_answers_as_its_best_epoch()
    {
        (Dataset training, Dataset held) = StratifiedSplit.Of(Digits.Load(1000), 0.2, 0);
        using var loop = TrainingLoop.Create(Digits.Network(), training, held, Short with { Epochs = 12 });

        TrainingResult result = loop.Run(cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(12, result.Curve.Count);
        Assert.True(result.Best.ValidationAccuracy > 0.9, $"{result.Best}");
        Assert.Equal(result.Best.ValidationAccuracy, result.Curve.Max(e => e.ValidationAccuracy));
        using var session = ModelSession.Create(result.Model);
        Assert.Equal(result.Best.ValidationAccuracy, Evaluator.Run(session.Session, held, cancellation: TestContext.Current.CancellationToken).Accuracy);
    }

    public static TheoryData<string> Plans => ["plain", "adam with dropout", "mixup", "teacher", "clipped and balanced"];

    private static (OnnxModel Model, TrainingPlan Plan) Variant(string name) => name switch
    {
        "adam with dropout" => (Digits.Network(dropout: true), Short with { Optimizer = new Adam { Decoupled = true, WeightDecay = 0.01 }, LearningRate = 0.01 }),
        "mixup" => (Digits.Network(), Short with { Augmentation = AugmentationPlan.Parse("crop:1,noise:0.1,mixup:0.3"), LabelSmoothing = 0.1 }),
        "teacher" => (Digits.Network(), Short with { Teacher = new Teacher(Digits.Network(seed: 3, width: 12)), Schedule = new() { Kind = ScheduleKind.Step, StepEpochs = 1 } }),
        "clipped and balanced" => (Digits.Network(), Short with { MaxGradientNorm = 1, BalancedClasses = true, Regularizers = new Regularizers { L1 = 1e-4 } }),
        _ => (Digits.Network(), Short),
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public void Interrupted_anywhere_and_resumed_it_gives_the_same_bytes(string variant)
    {
        using var folder = new TempFolder();
        (OnnxModel model, TrainingPlan plan) = Variant(variant);
        (Dataset training, Dataset held) = StratifiedSplit.Of(Digits.Load(250), 0.2, 0);
        using var straight = TrainingLoop.Create(model, training, held, plan);
        TrainingResult expected = straight.Run(cancellation: TestContext.Current.CancellationToken);

        foreach (int stop in new[] { 0, 1, 4, 5, 9, 12 })
        {
            string checkpoint = folder.File($"{stop}.checkpoint");
            using var cancel = new CancellationTokenSource();
            if (stop == 0)
            {
                cancel.Cancel();
            }

            using (var first = TrainingLoop.Create(model, training, held, plan))
            {
                var services = new LoopServices { Checkpoint = checkpoint, Progress = new After(stop, cancel) };
                Assert.Throws<OperationCanceledException>(() => first.Run(services, cancel.Token));
                Assert.Equal(stop, first.Done);
            }

            using var second = TrainingLoop.Create(model, training, held, plan);
            second.Resume(checkpoint);
            TrainingResult resumed = second.Run(cancellation: TestContext.Current.CancellationToken);

            Assert.Equal(expected.Model.ToBytes(), resumed.Model.ToBytes());
            Assert.Equal(expected.Curve.Select(e => e with { Seconds = 0 }), resumed.Curve.Select(e => e with { Seconds = 0 }));
        }
    }

    [Fact]
    public void How_often_checkpoints_are_written_changes_nothing()
    {
        using var folder = new TempFolder();
        Dataset training = Digits.Load(200);
        byte[] Train(LoopServices services)
        {
            using var loop = TrainingLoop.Create(Digits.Network(), training, null, Short);
            return loop.Run(services, TestContext.Current.CancellationToken).Model.ToBytes();
        }

        Assert.Equal(Train(new LoopServices()), Train(new LoopServices { Checkpoint = folder.File("c"), CheckpointInterval = TimeSpan.Zero }));
    }

    [Fact]
    public void A_checkpoint_of_other_data_or_options_is_refused_by_name()
    {
        using var folder = new TempFolder();
        string checkpoint = folder.File("c");
        Dataset training = Digits.Load(100);
        using (var loop = TrainingLoop.Create(Digits.Network(), training, null, Short))
        {
            loop.Run(new LoopServices { Checkpoint = checkpoint }, TestContext.Current.CancellationToken);
        }

        foreach ((string name, TrainingPlan plan, Dataset data, OnnxModel model) in new[]
        {
            ("learning rate was 0.05, is 0.1", Short with { LearningRate = 0.1 }, training, Digits.Network()),
            ("seed was 5, is 6", Short with { Seed = 6 }, training, Digits.Network()),
            ("augmentation was none, is flip", Short with { Augmentation = AugmentationPlan.Parse("flip") }, training, Digits.Network()),
            ("data was ", Short, training.Shuffle(1), Digits.Network()),
            ("model was ", Short, training, Digits.Network(seed: 1)),
        })
        {
            using var loop = TrainingLoop.Create(model, data, null, plan);
            InputException refused = Assert.Throws<InputException>(() => loop.Resume(checkpoint));
            Assert.Contains(name, refused.Message, StringComparison.Ordinal);
            Assert.Equal(1, refused.Message.Split(" was ").Length - 1);
        }
    }

    [Fact]
    public void A_checkpoint_whose_parts_do_not_go_together_is_refused()
    {
        using var folder = new TempFolder();
        string path = folder.File("c");
        Dataset training = Digits.Load(100);
        using var loop = TrainingLoop.Create(Digits.Network(), training, null, Short);
        loop.Run(new LoopServices { Checkpoint = path }, TestContext.Current.CancellationToken);
        TrainingCheckpoint good = CheckpointFile.Read(path);
        loop.Resume(path);
        foreach (TrainingCheckpoint forged in new[]
        {
            good with { State = good.State with { Curve = [], Best = -1 }, Best = new Dictionary<string, byte[]>() },
            good with { State = good.State with { Best = -1 } },
            good with { Best = new Dictionary<string, byte[]>() },
            good with { Best = good.Best.ToDictionary(t => t.Key, t => t.Value[..^4]) },
            good with { Snapshot = good.Snapshot with { Tensors = good.Snapshot.Tensors.Skip(1).ToDictionary() } },
            good with { Snapshot = good.Snapshot with { Steps = 1_000_000 }, State = good.State with { Step = 1_000_000 } },
        })
        {
            CheckpointFile.Write(path, forged);
            Assert.Throws<InputException>(() => loop.Resume(path));
        }
    }

    [Fact]
    public void Patience_ends_a_training_that_gets_no_better()
    {
        (Dataset training, Dataset held) = StratifiedSplit.Of(Digits.Load(200), 0.2, 0);
        using var loop = TrainingLoop.Create(Digits.Network(), training, held, Short with { Epochs = 50, LearningRate = 0, Patience = 2 });

        TrainingResult result = loop.Run(cancellation: TestContext.Current.CancellationToken);

        // A rate of zero still moves running statistics; what is learnt is nothing.
        Assert.True(result.StoppedEarly);
        Assert.Equal(result.Best.Epoch + 2, result.Curve.Count);
    }

    [Fact]
    public void Divergence_names_step_and_layer_and_the_best_model_survives()
    {
        (Dataset training, Dataset held) = StratifiedSplit.Of(Digits.Load(300), 0.2, 0);
        // One good epoch, then a rate that nothing survives.
        TrainingPlan plan = Short with { Epochs = 4, Schedule = new() { Kind = ScheduleKind.Step, StepEpochs = 1, StepFactor = 1e25 } };
        using var loop = TrainingLoop.Create(Digits.Network(), training, held, plan);

        DivergenceException diverged = Assert.Throws<DivergenceException>(() => loop.Run(cancellation: TestContext.Current.CancellationToken));

        Assert.InRange(diverged.Step, 6, 9);
        Assert.Contains($"step {diverged.Step}", diverged.Message, StringComparison.Ordinal);
        Assert.Matches("(Conv|Gemm|BatchNormalization)_\\d", diverged.Message);
        Assert.Equal(1, diverged.BestEpoch!.Epoch);
        using var session = ModelSession.Create(diverged.Best!);
        Assert.Equal(diverged.BestEpoch.ValidationAccuracy, Evaluator.Run(session.Session, held, cancellation: TestContext.Current.CancellationToken).Accuracy);
    }

    [Fact]
    public void A_loss_that_explodes_without_leaving_the_numbers_is_noticed()
    {
        using var loop = TrainingLoop.Create(Digits.Network(), Digits.Load(200), null, Short with { LearningRate = 3000, Schedule = new() { Kind = ScheduleKind.Constant }, Optimizer = new Sgd { Momentum = 0 } });

        DivergenceException diverged = Assert.Throws<DivergenceException>(() => loop.Run(cancellation: TestContext.Current.CancellationToken));

        Assert.Contains("the loss has grown to", diverged.Message, StringComparison.Ordinal);
        Assert.Contains("has grown most", diverged.Message, StringComparison.Ordinal);
        Assert.Null(diverged.Best);
    }

    [Fact]
    public void A_student_that_hears_only_its_teacher_comes_to_agree_with_it()
    {
        Dataset data = Digits.Load(600);
        using var school = TrainingLoop.Create(Digits.Network(seed: 9), data, null, Short with { Epochs = 6 });
        OnnxModel teacher = school.Run(cancellation: TestContext.Current.CancellationToken).Model;
        // Labels that are all wrong in the same way: who listened to them would never agree.
        Dataset misled = Mislabelled(data);
        using var loop = TrainingLoop.Create(Digits.Network(), misled, null, Short with { Epochs = 12, Teacher = new Teacher(teacher) { Share = 1 } });
        OnnxModel student = loop.Run(cancellation: TestContext.Current.CancellationToken).Model;

        using var a = ModelSession.Create(teacher);
        using var b = ModelSession.Create(student);
        Assert.True(Evaluator.Agreement(a.Session, b.Session, data, cancellation: TestContext.Current.CancellationToken) > 0.9);
    }

    /// <summary>Scores at positions that end with a softmax, and a second output of another scale: what no labels describe.</summary>
    [Fact]
    public void Without_labels_all_outputs_of_a_teacher_are_learnt()
    {
        OnnxModel teacher = Sequences(seed: 1), student = Sequences(seed: 2);
        Dataset data = Unlabelled(200);
        OutputAgreement before = Agreement(teacher, student, data);
        using var loop = TrainingLoop.Create(student, data, null, Short with { Epochs = 60, LearningRate = 0.05, MaxGradientNorm = 2, Teacher = new Teacher(teacher) { Share = 1, Temperature = 1 } });
        OutputAgreement after = Agreement(teacher, loop.Run(cancellation: TestContext.Current.CancellationToken).Model, data);

        Assert.Null(after.SameClass);
        Assert.True(before.Positions!.Share < 0.5, $"{before.Positions}");
        Assert.True(after.Positions!.Share > 0.75, $"{after.Positions}");
        // The second output has nearly all of the squared error, being a hundred times as large.
        Assert.True(after.Values.RSquared > 0.9, $"{after.Values}");
        Assert.True(before.Values.RSquared < 0.5, $"{before.Values}");
    }

    [Fact]
    public void Who_is_its_own_teacher_stays_as_it_is()
    {
        OnnxModel model = Sequences(seed: 1);
        Dataset data = Unlabelled(100);
        using var loop = TrainingLoop.Create(model, data, null, Short with
        {
            Epochs = 3,
            LearningRate = 0.1,
            Optimizer = new Sgd(),
            FreezeNormalization = true,
            Teacher = new Teacher(model) { Share = 1, Temperature = 1 },
        });
        TrainingResult result = loop.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(result.Curve[0].Loss, -1e-6, 1e-6);
        OutputAgreement agreement = Agreement(model, result.Model, data);
        Assert.True(agreement is { Positions.Share: 1, Values.RSquared: > 1 - 1e-4 }, $"{agreement}");
    }

    [Fact]
    public void Samples_without_labels_are_refused_where_labels_are_asked_for()
    {
        Dataset data = Unlabelled(40);
        foreach (TrainingPlan plan in new[] { Short, Short with { Teacher = new Teacher(Sequences(1)) } })
        {
            Assert.Contains("has no labels", Assert.Throws<InputException>(() => TrainingLoop.Create(Sequences(2), data, null, plan)).Message, StringComparison.Ordinal);
        }

        TrainingPlan alone = Short with { Teacher = new Teacher(Digits.Network()) { Share = 1 } };
        Assert.Contains("the teacher has 1 outputs", Assert.Throws<InputException>(() => TrainingLoop.Create(Sequences(2), data, null, alone)).Message, StringComparison.Ordinal);
        Assert.Contains("mixup mixes labels", Assert.Throws<InputException>(
            () => TrainingLoop.Create(Digits.Network(), data, null, alone with { Augmentation = AugmentationPlan.Parse("mixup:0.2") })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_are_learnt_where_branches_join()
    {
        Dataset data = Digits.Load(300);
        (OnnxModel teacher, string join) = Residual(1);
        double Off(double features)
        {
            TrainingPlan plan = Short with { Epochs = 10, LearningRate = 0.01, MaxGradientNorm = 5, Teacher = new Teacher(teacher) { Share = 0.5, Features = features } };
            using var loop = TrainingLoop.Create(Residual(2).Model, data, null, plan);
            OnnxModel student = loop.Run(cancellation: TestContext.Current.CancellationToken).Model;
            return 1 - Agreement(ShowingOnly(teacher, join), ShowingOnly(student, join), data).Values.RSquared;
        }

        (double without, double with) = (Off(0), Off(10));
        Assert.True(with < 0.5 * without, $"{without} without, {with} with");
        Assert.True(TrainingLoop.HasJoins(teacher));
        Assert.False(TrainingLoop.HasJoins(Digits.Network()));
    }

    private static (OnnxModel Model, string Join) Residual(int seed)
    {
        var b = new GraphBuilder();
        string trunk = b.Relu(b.BatchNorm(b.Conv(b.Input("x", -1, 1, 8, 8), 1, 6), 6));
        string join = b.Node("Add", [trunk, b.Conv(b.Relu(b.Conv(trunk, 6, 4)), 4, 6)]);
        return (ParameterInitializer.Draw(b.Output(b.Linear(b.Node("Flatten", [join]), 384, 10)).Build(), seed), join);
    }

    private static OnnxModel ShowingOnly(OnnxModel model, string value)
    {
        OnnxModel cut = model.Clone();
        cut.Graph.Output.Clear();
        cut.Graph.Output.Add(new Onnx.Proto.ValueInfoProto { Name = value });
        return cut;
    }

    private static OnnxModel Sequences(int seed)
    {
        var b = new GraphBuilder();
        string x = b.Relu(b.BatchNorm(b.Conv(b.Input("x", -1, 1, 8, 8), 1, 6), 6));
        string flat = b.Node("Flatten", [x]);
        string scores = b.Node("Reshape", [b.Linear(flat, 384, 12), b.Ints(0, 4, 3)]);
        string large = b.Node("Mul", [b.Linear(flat, 384, 5), b.Initializer(EdgePrune.Onnx.Tensors.TensorEditor.FromFloats("hundred", [100f]))]);
        return ParameterInitializer.Draw(b.Output(b.Node("Softmax", [scores], ("axis", -1)), large).Build(), seed);
    }

    private static Dataset Unlabelled(int count)
    {
        Dataset data = Digits.Load(count);
        return new Dataset(data.Source, data.Columns, null, null, [.. Enumerable.Range(0, data.Count)]);
    }

    private static OutputAgreement Agreement(OnnxModel first, OnnxModel second, Dataset data)
    {
        using var a = ModelSession.Create(first);
        using var b = ModelSession.Create(second);
        return OutputAgreement.Of(a.Session, b.Session, data, cancellation: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_sample_that_cannot_be_read_ends_the_training_with_its_reason()
    {
        using var folder = new TempFolder();
        string path = Path.Combine(folder.Path, "input.npy");
        File.WriteAllBytes(path, Data.DataFiles.Npy("<f4", "(40, 1, 8, 8)", new byte[40 * 64 * 4]));
        Data.DataFiles.Write(folder, "labels.npy", Data.DataFiles.Npy("|u1", "(40,)", [.. Enumerable.Range(0, 40).Select(i => (byte)(i % 10))]));
        Dataset data = Dataset.Load(path, new DatasetOptions { ResidentBytes = 0 });
        using var loop = TrainingLoop.Create(Digits.Network(), data, null, Short);
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(1000);
        }

        InputException failed = Assert.Throws<InputException>(() => loop.Run(cancellation: TestContext.Current.CancellationToken));

        Assert.Contains("has become shorter", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_refused_before_anything_is_trained()
    {
        Dataset data = Digits.Load(50);
        void Refused(string expected, TrainingPlan plan, Dataset? held = null, OnnxModel? model = null)
        {
            InputException refused = Assert.Throws<InputException>(() => TrainingLoop.Create(model ?? Digits.Network(), data, held, plan));
            Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        }

        Refused("early stopping needs samples", Short with { Patience = 3 });
        Refused("class weights and mixup", Short with { BalancedClasses = true, Augmentation = AugmentationPlan.Parse("mixup:0.2") });
        Refused("pad by 1 to 7", Short with { Augmentation = AugmentationPlan.Parse("crop:8") });
        Refused("a teacher needs the student's classes", Short with { Teacher = new Teacher(Five()) });
        Refused("label", Short, model: Five());
    }

    private static OnnxModel Five()
    {
        var b = new GraphBuilder();
        return b.Output(b.Linear(b.Node("Flatten", [b.Input("x", -1, 1, 8, 8)]), 64, 5)).Build();
    }

    private static Dataset Mislabelled(Dataset data)
    {
        int[] other = [.. Enumerable.Range(0, data.Count)];
        return new Dataset(data.Source, data.Columns, [.. other.Select(i => (data.Labels![i] + 1) % 10)], null, other);
    }

    /// <summary>Cancels when so many steps are done.</summary>
    private sealed class After(int step, CancellationTokenSource cancel) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
            {
                cancel.Cancel();
            }
        }
    }
}
