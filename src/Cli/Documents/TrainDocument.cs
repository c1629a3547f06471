using System.Globalization;
using EdgePrune.Training.Data;
using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps.Optimizers;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>train</c> and <c>finetune</c>; shares are 0 to 1.</summary>
/// <param name="Command">train or finetune.</param>
/// <param name="Model">The model that was trained.</param>
/// <param name="Output">Where it went.</param>
/// <param name="Data">What it was trained on.</param>
/// <param name="Samples">Samples that it was trained on.</param>
/// <param name="ValidationSamples">Samples that epochs were judged by.</param>
/// <param name="Params">Numbers that were trained.</param>
/// <param name="Options">How it was trained, by name.</param>
/// <param name="Best">The epoch whose weights were kept.</param>
/// <param name="StoppedEarly">Whether patience ran out.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="Seconds">Time that the steps took; validation and loading are not in it.</param>
/// <param name="SamplesPerSecond">Over all steps.</param>
/// <param name="Epochs">All epochs.</param>
internal sealed record TrainDocument(
    string Command,
    string Model,
    string Output,
    string Data,
    int Samples,
    int ValidationSamples,
    long Params,
    IReadOnlyDictionary<string, string> Options,
    TrainEpoch Best,
    bool StoppedEarly,
    long Steps,
    double Seconds,
    double SamplesPerSecond,
    IReadOnlyList<TrainEpoch> Epochs)
{
    public static TrainDocument Of(string command, string model, string output, Dataset training, Dataset? validation, TrainingPlan plan, TrainingResult result) => new(
        command,
        model,
        output,
        training.Source,
        training.Count,
        validation?.Count ?? 0,
        result.Parameters,
        OptionsOf(plan),
        TrainEpoch.Of(result.Best),
        result.StoppedEarly,
        result.Curve[^1].Step,
        result.Seconds,
        result.SamplesPerSecond,
        [.. result.Curve.Select(TrainEpoch.Of)]);

    private static Dictionary<string, string> OptionsOf(TrainingPlan plan)
    {
        string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
        LearningRateSchedule schedule = plan.Schedule;
        Dictionary<string, string?> all = new(StringComparer.Ordinal)
        {
            ["epochs"] = Number(plan.Epochs),
            ["batch"] = Number(plan.BatchSize),
            ["optimizer"] = plan.Optimizer switch
            {
                Sgd sgd => $"SGD, momentum {Number(sgd.Momentum)}{(sgd.Nesterov ? " (Nesterov)" : "")}",
                Adam { Decoupled: true } => "AdamW",
                _ => "Adam",
            },
            ["weight decay"] = Number(plan.Optimizer.WeightDecay),
            ["learning rate"] = Number(plan.LearningRate),
            ["schedule"] = schedule.Kind switch
            {
                ScheduleKind.Step => $"times {Number(schedule.StepFactor)} every {Number(schedule.StepEpochs)} epochs",
                var kind => kind.ToString().ToLowerInvariant(),
            } + (schedule.WarmupEpochs > 0 ? $", warm-up of {Number(schedule.WarmupEpochs)}" : ""),
            ["gradient clipping"] = plan.MaxGradientNorm is { } norm ? Number(norm) : null,
            ["label smoothing"] = plan.LabelSmoothing > 0 ? Number(plan.LabelSmoothing) : null,
            ["class weights"] = plan.BalancedClasses ? "balanced" : null,
            ["L1"] = plan.Regularizers.L1 > 0 ? Number(plan.Regularizers.L1) : null,
            ["group lasso"] = plan.Regularizers.GroupLasso > 0 ? $"{Number(plan.Regularizers.GroupLasso)} over {plan.Regularizers.Groups.Count} units" : null,
            ["augmentation"] = plan.Augmentation.IsEmpty ? null : plan.Augmentation.ToString(),
            ["teacher"] = plan.Teacher is { } teacher ? $"{teacher.Model.Source}, {teacher.Share.ToString("P0", CultureInfo.InvariantCulture)} of the loss, temperature {Number(teacher.Temperature)}" : null,
            ["normalisation"] = plan.FreezeNormalization ? "frozen" : null,
            ["trained"] = plan.Parameters is { } names ? $"{names.Count} tensors" : null,
            ["patience"] = plan.Patience is { } patience ? $"{patience} epochs" : null,
            ["seed"] = Number(plan.Seed),
            ["threads"] = Number(plan.Session.Threads),
        };
        return all.Where(option => option.Value is not null).ToDictionary(option => option.Key, option => option.Value!, StringComparer.Ordinal);
    }
}

/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps done at its end.</param>
/// <param name="LearningRate">Of its last step.</param>
/// <param name="Loss">Mean over its steps; regularisers are in it.</param>
/// <param name="Accuracy">On its training samples, as they were changed, during training.</param>
/// <param name="ValidationLoss">Cross-entropy on the samples held back.</param>
/// <param name="ValidationAccuracy">On the samples held back.</param>
/// <param name="Seconds">Time that its steps took.</param>
internal sealed record TrainEpoch(
    int Epoch, long Step, double LearningRate, double Loss, double Accuracy, double? ValidationLoss, double? ValidationAccuracy, double Seconds)
{
    public static TrainEpoch Of(EpochRecord epoch) => new(
        epoch.Epoch, epoch.Step, epoch.LearningRate, epoch.Loss, epoch.Accuracy, epoch.ValidationLoss, epoch.ValidationAccuracy, epoch.Seconds);
}
