using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>cut</c>: what becomes of the constants that removed units carry.</summary>
internal sealed class CutSection : IRecipeSection
{
    public string Key => "cut";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Constants = map.Parsed<ConstantHandling?>("constants", text => Words.Parse<ConstantHandling>(text)) ?? recipe.Constants,
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe) =>
        writer.Word<ConstantHandling>("constants", recipe.Constants == ConstantHandling.Fold ? null : recipe.Constants);
}
