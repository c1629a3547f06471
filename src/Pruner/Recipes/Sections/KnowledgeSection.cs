using EdgePrune.Profiler.Devices;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>knowledge</c>: what earlier runs, other boards and the user know.</summary>
internal sealed class KnowledgeSection : IRecipeSection
{
    public string Key => "knowledge";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Knowledge = new KnowledgeSource(map.OptionalText("priors"), map.OptionalText("transfer_plan"), map.OptionalText("costs_from")),
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        writer.Text("priors", recipe.Knowledge?.Priors);
        writer.Text("transfer_plan", recipe.Knowledge?.Plan);
        writer.Text("costs_from", recipe.Knowledge?.Costs);
    }
}
