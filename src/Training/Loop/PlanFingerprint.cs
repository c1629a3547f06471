using System.Globalization;
using System.Security.Cryptography;
using EdgePrune.Onnx;
using EdgePrune.Training.Data;
using EdgePrune.Training.Steps.Optimizers;
using Google.Protobuf;

namespace EdgePrune.Training.Loop;

/// <summary>Everything that a training's result depends on, by name, so that what differs can be named.</summary>
internal static class PlanFingerprint
{
    public static SortedDictionary<string, string> Of(OnnxModel model, Dataset training, Dataset? validation, TrainingPlan plan)
    {
        Optimizer optimizer = plan.Optimizer;
        string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
        var named = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["model"] = Digest(model),
            ["data"] = DatasetDigest.Of(training),
            ["validation data"] = validation is null ? "none" : DatasetDigest.Of(validation),
            ["epochs"] = Number(plan.Epochs),
            ["batch"] = Number(plan.BatchSize),
            ["learning rate"] = Number(plan.LearningRate),
            ["schedule"] = plan.Schedule.ToString(),
            ["optimizer"] = optimizer.ToString(),
            ["gradient clipping"] = plan.MaxGradientNorm is { } norm ? Number(norm) : "none",
            ["label smoothing"] = Number(plan.LabelSmoothing),
            ["class weights"] = plan.BalancedClasses ? "balanced" : "none",
            ["teacher"] = plan.Teacher is { } teacher ? $"{Digest(teacher.Model)} at temperature {Number(teacher.Temperature)} for {Number(teacher.Share)} of the loss{(teacher.Features > 0 ? $", features for {Number(teacher.Features)}" : "")}" : "none",
            ["L1"] = Number(plan.Regularizers.L1),
            ["L2"] = Number(plan.Regularizers.L2),
            ["group lasso"] = $"{Number(plan.Regularizers.GroupLasso)} over {plan.Regularizers.Groups.Count} groups",
            ["frozen normalisation"] = plan.FreezeNormalization ? "yes" : "no",
            ["trained parameters"] = plan.Parameters is { } names ? string.Join(", ", names.Select(n => Printable.Name(n))) : "all",
            ["augmentation"] = plan.Augmentation.IsEmpty ? "none" : plan.Augmentation.ToString(),
            ["patience"] = plan.Patience is { } patience ? Number(patience) : "none",
            ["seed"] = Number(plan.Seed),
            ["threads"] = Number(plan.Session.Threads),
        };
        if (plan.Steps is { } steps)
        {
            named["steps"] = Number(steps);
        }

        return named;
    }

    private static string Digest(OnnxModel model) => Convert.ToHexStringLower(SHA256.HashData(model.Proto.ToByteArray()));
}
