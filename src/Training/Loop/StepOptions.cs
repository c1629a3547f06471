using EdgePrune.Onnx;
using EdgePrune.Training.Data;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Losses;

namespace EdgePrune.Training.Loop;

/// <summary>What a plan means for the single step.</summary>
internal static class StepOptions
{
    public static TrainingOptions Of(TrainingPlan plan, OnnxModel model, Dataset training, TrainedModel trained, IReadOnlyList<ILoss> taught, int batch) => new()
    {
        BatchSize = batch,
        InputShapes = trained.Shapes,
        // Of samples without labels, all that there is; besides, of others.
        Losses = training.Labels is null ? taught : [.. Losses(plan, training, trained), .. taught],
        Regularizers = plan.Regularizers with { Groups = OfParameters(plan, model) },
        Optimizer = plan.Optimizer,
        MaxGradientNorm = plan.MaxGradientNorm,
        FreezeNormalization = plan.FreezeNormalization,
        Parameters = plan.Parameters,
        Seed = plan.Seed,
    };

    private static IEnumerable<ILoss> Losses(TrainingPlan plan, Dataset training, TrainedModel trained)
    {
        double share = plan.Teacher?.Share ?? 0;
        if (share < 1)
        {
            yield return new CrossEntropy
            {
                Labels = BatchLoader.Labels,
                Distributions = plan.Augmentation.Mixup is not null,
                LabelSmoothing = plan.LabelSmoothing,
                ClassWeights = plan.BalancedClasses ? ClassWeights.Balanced(training.Labels!, trained.Classes) : null,
                Weight = 1 - share,
            };
        }

        if (plan.Teacher is { } teacher)
        {
            yield return new Distillation { Teacher = BatchLoader.TeacherLogits, Temperature = teacher.Temperature, Weight = share };
        }
    }

    // Units hold running statistics and shapes as well; only what is trained can be kept small.
    private static SliceGroup[] OfParameters(TrainingPlan plan, OnnxModel model)
    {
        HashSet<string> trained = [.. plan.Parameters ?? ParameterSelection.Find(model.Graph)];
        return [.. plan.Regularizers.Groups.Select(g => new SliceGroup([.. g.Slices.Where(s => trained.Contains(s.Tensor))])).Where(g => g.Slices.Count > 0)];
    }
}
