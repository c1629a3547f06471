using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Recovery;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>densify</c>: how units come back under the budget.</summary>
internal sealed class DensifySection : IRecipeSection
{
    private static readonly DensificationOptions Default = new();

    public string Key => "densify";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Densification = (map.Parsed("how", DensificationOptions.Parse) ?? Default) with
        {
            Population = map.OptionalInteger("population", 2, 100_000) ?? Default.Population,
            Mutation = map.OptionalNumber("mutation", 0, 1) ?? Default.Mutation,
        },
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        if (recipe.Densification is { } options)
        {
            writer.Text("how", options.ToText());
            writer.Number("population", options.Population, Default.Population);
            writer.Number("mutation", options.Mutation, Default.Mutation);
        }
    }
}
