using EdgePrune.Onnx;
using EdgePrune.Training.Checkpoints;
using EdgePrune.Training.Data;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Losses;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Loop;

/// <summary>
/// Trains a classifier over epochs of a dataset, or any model to give a teacher's outputs, which needs no labels. Equal model, data, plan and machine give equal bytes, however often the training
/// was interrupted and resumed. One training an instance.
/// </summary>
public sealed class TrainingLoop : IDisposable
{
    private readonly OnnxModel model;
    private readonly Dataset? validation;
    private readonly TrainingPlan plan;
    private readonly TrainedModel trained;
    private readonly SampleOrder order;
    private readonly TeacherSession? teacher;
    private readonly TrainingStep step;
    private readonly BatchLoader loader;
    private readonly int batch;
    private readonly long steps;
    private LoopState state = new();
    private (BatchBuffer Values, double Rate)? last;
    private IReadOnlyDictionary<string, byte[]> best = new Dictionary<string, byte[]>();

    private TrainingLoop(OnnxModel model, Dataset training, Dataset? validation, TrainingPlan plan)
    {
        this.model = model;
        this.validation = validation;
        this.plan = plan;
        batch = Math.Min(plan.BatchSize, training.Count);
        trained = TrainedModel.Of(model, training, batch);
        trained.CheckLabels(training);
        if (validation is not null)
        {
            trained.CheckLabels(validation);
        }

        order = new SampleOrder(training.Count, batch, plan.Seed);
        steps = Math.Min(plan.Steps ?? long.MaxValue, order.EndOf(plan.Epochs - 1));
        Fingerprint = PlanFingerprint.Of(model, training, validation, plan);
        try
        {
            (teacher, IReadOnlyList<ILoss> taught) = Taught(training);
            step = TrainingStep.Create(model, StepOptions.Of(plan, model, training, trained, taught, batch), plan.Session);
            loader = new BatchLoader(training, order, trained.Inputs, step.Inputs, plan, trained.Classes, teacher);
            TryTeacher();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Steps of the whole training.</summary>
    public long Steps => steps;

    /// <summary>Steps done.</summary>
    public long Done => state.Step;

    /// <summary>Elements of all trained tensors.</summary>
    public long ParameterCount => step.ParameterCount;

    /// <summary>Epochs done.</summary>
    public IReadOnlyList<EpochRecord> Curve => state.Curve;

    /// <summary>Everything that the result depends on, by name.</summary>
    internal IReadOnlyDictionary<string, string> Fingerprint { get; }

    /// <summary>Whether branches join in a model, as <see cref="Teacher.Features"/> needs it.</summary>
    public static bool HasJoins(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return LearntOutput.HasJoins(model);
    }

    /// <param name="model">The model with the weights to begin with.</param>
    /// <param name="training">Labelled samples; without labels where the plan's teacher has the whole of the loss.</param>
    /// <param name="validation">Labelled samples to judge epochs by, which share nothing with the others; null to keep the last epoch.</param>
    /// <param name="plan">How to train.</param>
    /// <exception cref="InputException">Model, data and plan do not fit; the message says where and why.</exception>
    public static TrainingLoop Create(OnnxModel model, Dataset training, Dataset? validation, TrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(plan.Epochs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(plan.BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(plan.Steps ?? 1);
        bool unlabelled = training.Labels is null && plan.Teacher is { Share: 1 } && validation is null;
        foreach (Dataset data in validation is null ? [training] : new[] { training, validation })
        {
            if ((data.Labels is null && !unlabelled) || data.Count == 0)
            {
                throw new InputException($"{data.Source}: has no {(data.Count == 0 ? "samples" : "labels")}; a classifier is trained on labelled samples, and samples without labels teach only what a teacher alone is asked for");
            }
        }

        if (unlabelled && plan.Augmentation.Mixup is not null)
        {
            throw new InputException("mixup mixes labels, and the samples have none; leave it out");
        }

        if (plan is { BalancedClasses: true, Augmentation.Mixup: not null })
        {
            throw new InputException("class weights and mixup cannot be had together: a mixed sample has no one class; leave one of them out");
        }

        if (plan.Patience is not null && validation is null)
        {
            throw new InputException("early stopping needs samples to judge epochs by; hold some back, or leave the patience out");
        }

        return new TrainingLoop(model, training, validation, plan);
    }

    /// <summary>Goes on where the checkpoint in a file was written.</summary>
    /// <exception cref="InputException">The file is damaged, or of a training with other data or options; the message names them.</exception>
    public void Resume(string path)
    {
        TrainingCheckpoint checkpoint = CheckpointFile.Read(path);
        string[] different = [.. Fingerprint.Keys.Union(checkpoint.Fingerprint.Keys).Where(key => Fingerprint.GetValueOrDefault(key) != checkpoint.Fingerprint.GetValueOrDefault(key))];
        if (different.Length > 0)
        {
            IEnumerable<string> each = different.Select(key => $"{Printable.Name(key)} was {Shown(checkpoint.Fingerprint.GetValueOrDefault(key))}, is {Shown(Fingerprint.GetValueOrDefault(key))}");
            throw new InputException($"the checkpoint {path} is of another training: {string.Join("; ", each)}. Give the data and options of before, or delete it to start anew");
        }

        if (checkpoint.State.Step > steps || checkpoint.State.Curve.Count > plan.Epochs || checkpoint.State.Curve.Count != EpochsAt(checkpoint.State.Step)
            || checkpoint.State.Best >= 0 != checkpoint.Best.Count > 0 || checkpoint.State.Best >= 0 != checkpoint.State.Curve.Count > 0
            || (checkpoint.State.IsFinished && checkpoint.State.Curve.Count == 0))
        {
            throw new InputException($"the checkpoint {path} is damaged: step {checkpoint.State.Step} and {checkpoint.State.Curve.Count} epochs do not go together. Delete it to start anew");
        }

        // Once as a trial: the best epoch's tensors must fit as well, and not only when the training is over.
        step.Restore(With(checkpoint.Snapshot, checkpoint.Best));
        step.Restore(checkpoint.Snapshot);
        state = checkpoint.State.Copy();
        best = checkpoint.Best;
    }

    /// <summary>Trains to the end.</summary>
    /// <param name="services">Checkpoints, progress and clock.</param>
    /// <param name="cancellation">Looked at between steps; a checkpoint is written first.</param>
    /// <exception cref="DivergenceException">Loss, gradient or parameters are not finite, or have exploded.</exception>
    /// <exception cref="InputException">A sample cannot be read, or the checkpoint not be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TrainingResult Run(LoopServices? services = null, CancellationToken cancellation = default)
    {
        services ??= new LoopServices();
        if (plan.Editor is not null && services.Checkpoint is not null)
        {
            throw new InputException("what changes parameters between steps has a state that no checkpoint holds; train without one");
        }

        var meter = new ThroughputMeter(services.Clock);
        if (!state.IsFinished)
        {
            last = null;
            plan.Editor?.Begin(step);
            using var batches = new BatchPrefetcher(loader, state.Step, steps);
            long saved = services.Clock.GetTimestamp();
            while (!state.IsFinished)
            {
                if (cancellation.IsCancellationRequested)
                {
                    Save(services);
                    throw new OperationCanceledException(cancellation);
                }

                meter.Start();
                double rate = plan.Schedule.At(plan.LearningRate, state.Step, steps, plan.Epochs);
                DoStep(batches, rate);
                state.EpochSeconds += meter.Stop(batch);
                double loss = state.EpochLoss / state.EpochSteps, accuracy = (double)state.EpochCorrect / (state.EpochSteps * batch);
                int epoch = state.Curve.Count + 1;
                EpochRecord? finished = state.Step == EndOf(epoch - 1) ? FinishEpoch(rate) : null;
                services.Progress?.Report(new TrainingProgress(
                    state.Step, steps, epoch, plan.Epochs, loss, accuracy, meter.SamplesPerSecond, finished, finished is not null && state.Best == epoch - 1));
                if (services.Clock.GetElapsedTime(saved) >= services.CheckpointInterval)
                {
                    Save(services);
                    saved = services.Clock.GetTimestamp();
                }
            }

            Save(services);
        }

        double seconds = state.Curve.Sum(e => e.Seconds);
        step.Restore(With(step.Snapshot(), best));
        return new TrainingResult(
            step.ToModel(), state.Curve[state.Best], state.Curve, state.Step < steps, ParameterCount, seconds, seconds > 0 ? state.Step * batch / seconds : 0);
    }

    public void Dispose()
    {
        step?.Dispose();
        teacher?.Dispose();
    }

    /// <summary>The teacher, and the losses that its outputs without labels and its features give.</summary>
    private (TeacherSession? Teacher, IReadOnlyList<ILoss> Losses) Taught(Dataset training)
    {
        if (plan.Teacher is not { } wanted)
        {
            return (null, []);
        }

        IReadOnlyList<LearntOutput> outputs = training.Labels is null
            ? LearntOutput.All(model, trained.Values, wanted.Model)
            : [LearntOutput.FirstLogits(model, wanted.Model)];
        IReadOnlyList<LearntOutput> joins = wanted.Features > 0 ? LearntOutput.Joins(model, trained, wanted.Model) : [];
        var session = new TeacherSession(wanted.Model, [.. outputs, .. joins], trained.Inputs, plan.Session);
        try
        {
            IReadOnlyList<ILoss> alone = training.Labels is null ? LearntOutput.Losses(outputs, session, training, trained, batch, wanted.Temperature) : [];
            return (session, [.. alone, .. LearntOutput.Losses(joins, session, training, trained, batch, wanted.Temperature, wanted.Features)]);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // Whether a teacher's classes are the student's shows when it answers: better now than in the thread that loads batches.
    private void TryTeacher()
    {
        if (teacher is not null)
        {
            using BatchBuffer trial = loader.Allocate();
            loader.Fill(trial, 0);
        }
    }

    private void DoStep(BatchPrefetcher batches, double rate)
    {
        if (last is { } done)
        {
            batches.Return(done.Values);
        }

        // Kept until the next step: where this one broke something, it is done again to find out what.
        BatchBuffer values = batches.Take();
        last = (values, rate);
        double loss = step.Run(values.Values, rate);
        if (DivergenceGuard.Find(state, loss, step.GradientNorm) is { } problem)
        {
            throw Diverged(problem);
        }

        state.FirstLoss ??= loss;
        state.FirstNorm ??= step.GradientNorm;
        state.EpochCorrect += Correct(values.Labels);
        state.EpochLoss += loss;
        state.EpochSteps++;
        state.Step++;
        plan.Editor?.AfterStep(step, state.Step, steps);
    }

    private int Correct(long[] labels)
    {
        if (trained.Classes == 0)
        {
            return 0; // no labels, nothing to get right
        }

        double[] scores = step.Output.GetTensorTypeAndShape().ElementDataType == TensorElementType.Double
            ? step.Output.GetTensorDataAsSpan<double>().ToArray()
            : [.. step.Output.GetTensorDataAsSpan<float>()];
        return Enumerable.Range(0, labels.Length).Count(i =>
        {
            ReadOnlySpan<double> row = scores.AsSpan(i * trained.Classes, trained.Classes);
            return row.IndexOf(System.Numerics.Tensors.TensorPrimitives.Max(row)) == labels[i];
        });
    }

    private EpochRecord FinishEpoch(double rate)
    {
        CheckSnapshot(step.Snapshot());
        // Never given up midway: a checkpoint lies between steps, and what is known of an epoch that has ended is in it.
        Validation? judged = validation is null ? null : Validation.Of(step.ToModel(), validation, plan.Session, CancellationToken.None);
        var record = new EpochRecord(
            state.Curve.Count + 1, state.Step, rate, state.EpochLoss / state.EpochSteps, (double)state.EpochCorrect / (state.EpochSteps * batch),
            judged?.Loss, judged?.Accuracy, state.EpochSeconds);
        state.Curve.Add(record);
        if (state.Best < 0 || judged is not { } now || now.IsBetterThan(Judged(state.Curve[state.Best])))
        {
            state.Best = state.Curve.Count - 1;
            best = step.ReadParameters().ToDictionary(t => t.Name, t => t.RawData.ToByteArray(), StringComparer.Ordinal);
        }

        (state.EpochLoss, state.EpochSteps, state.EpochCorrect, state.EpochSeconds) = (0, 0, 0, 0);
        state.IsFinished = state.Step >= steps || state.Curve.Count - 1 - state.Best >= plan.Patience;
        return record;
    }

    private static Validation Judged(EpochRecord epoch) => new(epoch.ValidationAccuracy ?? 0, epoch.ValidationLoss ?? 0);

    private void Save(LoopServices services)
    {
        TrainingSnapshot snapshot = step.Snapshot();
        CheckSnapshot(snapshot);
        if (services.Checkpoint is { } path)
        {
            CheckpointFile.Write(path, new TrainingCheckpoint(Fingerprint, state.Copy(), snapshot, best));
        }
    }

    // A step's loss is of the parameters before it, so what its update broke shows only here or at the next step.
    private void CheckSnapshot(TrainingSnapshot snapshot)
    {
        if (DivergenceGuard.FindIn(snapshot, step.ReadParameters()) is { } tensor)
        {
            throw Diverged($"'{Printable.Name(tensor)}' is no longer finite");
        }
    }

    private DivergenceException Diverged(string problem)
    {
        long at = step.Steps;
        string where = last is { } run && DivergenceFinder.Find(step, run.Values.Values, run.Rate) is { } found
            ? found.ToString()
            : DivergenceGuard.Growth(model, [.. step.ReadParameters().Where(p => step.Parameters.Contains(p.Name))]);
        OnnxModel? survivor = null;
        if (state.Best >= 0)
        {
            step.Restore(With(step.Snapshot(), best));
            survivor = step.ToModel();
        }

        return new DivergenceException(
            $"{model.Source}: training diverged at step {at} (epoch {state.Curve.Count + 1}): {problem}; {where}. Lower the learning rate, clip gradients, or warm up longer",
            at, survivor, state.Best < 0 ? null : state.Curve[state.Best]);
    }

    private int EpochsAt(long done) => Enumerable.Range(0, plan.Epochs).TakeWhile(epoch => epoch == 0 || EndOf(epoch - 1) < steps).Count(epoch => EndOf(epoch) <= done);

    // The last epoch may end before all samples have come.
    private long EndOf(int epoch) => Math.Min(order.EndOf(epoch), steps);

    private static TrainingSnapshot With(TrainingSnapshot snapshot, IReadOnlyDictionary<string, byte[]> values) =>
        snapshot with { Tensors = snapshot.Tensors.ToDictionary(t => t.Key, t => values.GetValueOrDefault(t.Key) ?? t.Value, StringComparer.Ordinal) };

    private static string Shown(string? value) => value is null ? "nothing" : Printable.Name(value);
}
