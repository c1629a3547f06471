using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Schedules;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>schedule</c>: when units and weights go.</summary>
internal sealed class ScheduleSection : IRecipeSection
{
    private static readonly ScheduleOptions Default = new();

    public string Key => "schedule";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Schedule = (map.Parsed("kind", ScheduleOptions.Parse) ?? Default) with
        {
            Threshold = map.OptionalNumber("threshold", 0, 1) ?? Default.Threshold,
            Exchange = map.OptionalNumber("exchange", 0, 1) ?? Default.Exchange,
            MaskedUntil = map.OptionalNumber("masked_until", 0, 1) ?? Default.MaskedUntil,
        },
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        string kind = recipe.Schedule.ToText();
        writer.Text("kind", kind == Default.ToText() ? null : kind);
        writer.Number("threshold", recipe.Schedule.Threshold, Default.Threshold);
        writer.Number("exchange", recipe.Schedule.Exchange, Default.Exchange);
        writer.Number("masked_until", recipe.Schedule.MaskedUntil, Default.MaskedUntil);
    }
}
