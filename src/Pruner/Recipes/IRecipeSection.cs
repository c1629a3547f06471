using EdgePrune.Profiler.Devices;

namespace EdgePrune.Pruner.Recipes;

/// <summary>
/// One step of a recipe: a key of the file and what belongs to it. A new step of the pruner is one such class, listed in
/// <see cref="RecipeSections"/>, and one property of <see cref="PruneRecipe"/>.
/// </summary>
internal interface IRecipeSection
{
    /// <summary>The key in the file.</summary>
    string Key { get; }

    /// <summary>The recipe with what this section says. Problems are noted in the map; unknown keys are found by the caller.</summary>
    /// <param name="map">What stands below the key.</param>
    /// <param name="recipe">What the sections before said.</param>
    PruneRecipe Read(YamlMap map, PruneRecipe recipe);

    /// <summary>Writes what differs from the default; nothing where nothing does.</summary>
    void Write(RecipeWriter writer, PruneRecipe recipe);
}
