using EdgePrune.Profiler.Devices;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>store</c>: how the pruned model lies in its file.</summary>
internal sealed class StoreSection : IRecipeSection
{
    public string Key => "store";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with { StoreSparse = map.Flag("sparse") };

    public void Write(RecipeWriter writer, PruneRecipe recipe) => writer.Flag("sparse", recipe.StoreSparse, otherwise: false);
}
