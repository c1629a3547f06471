using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>calibration</c>: training samples to score and fit with.</summary>
internal sealed class CalibrationSection : IRecipeSection
{
    public string Key => "calibration";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Calibration = new CalibrationSource(map.Text("data"), map.OptionalInteger("samples", 1, 1 << 20) ?? CalibrationData.DefaultSamples),
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        writer.Text("data", recipe.Calibration?.Data);
        writer.Number("samples", recipe.Calibration?.Samples ?? CalibrationData.DefaultSamples, CalibrationData.DefaultSamples);
    }
}
