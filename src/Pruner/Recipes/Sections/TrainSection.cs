using EdgePrune.Profiler.Devices;
using EdgePrune.Training.Data.Augmentation;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>train</c>: what the model is trained on while it is pruned and afterwards.</summary>
internal sealed class TrainSection : IRecipeSection
{
    private const int MaxSteps = 100_000_000;
    private static readonly TrainingSource Default = new("");

    public string Key => "train";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Training = new TrainingSource(map.Text("data"))
        {
            Steps = map.OptionalInteger("steps", 0, MaxSteps) ?? 0,
            BatchSize = map.OptionalInteger("batch", 1, 65_536) ?? Default.BatchSize,
            LearningRate = map.OptionalNumber("learning_rate", 1e-9, 1e3) ?? Default.LearningRate,
            MaxGradientNorm = map.OptionalNumber("clip", 1e-9, 1e9) ?? Default.MaxGradientNorm,
            Distill = map.Flag("distill"),
            TeacherShare = map.OptionalNumber("teacher_share", 0, 1) ?? Default.TeacherShare,
            Features = map.OptionalNumber("features", 0, 1e6) ?? Default.Features,
            Augmentation = map.Parsed("augment", AugmentationPlan.Parse) ?? Default.Augmentation,
        },
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        if (recipe.Training is { } training)
        {
            writer.Text("data", training.Data);
            writer.Number("steps", training.Steps, 0);
            writer.Number("batch", training.BatchSize, Default.BatchSize);
            writer.Number("learning_rate", training.LearningRate, Default.LearningRate);
            writer.Number("clip", training.MaxGradientNorm, Default.MaxGradientNorm);
            writer.Flag("distill", training.Distill, otherwise: false);
            writer.Number("teacher_share", training.TeacherShare, Default.TeacherShare);
            writer.Number("features", training.Features, Default.Features);
            writer.Text("augment", training.Augmentation.IsEmpty ? null : training.Augmentation.ToString());
        }
    }
}
