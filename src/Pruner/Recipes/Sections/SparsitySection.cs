using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Sparsity;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>sparsity</c>: single weights that become zero once units have gone.</summary>
internal sealed class SparsitySection : IRecipeSection
{
    public string Key => "sparsity";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe)
    {
        SparsityPattern? pattern = map.Parsed("pattern", SparsityPattern.Parse);
        if (map.OptionalText("pattern") is null)
        {
            map.Add("pattern", "is missing: 50%, 2:4, 4x1:50% or '<0.01'");
        }

        return recipe with
        {
            Sparsity = new SparsityOptions
            {
                Pattern = pattern ?? new SparsityPattern(0.5),
                Method = map.Parsed<SparsityMethod?>("method", text => Words.Parse<SparsityMethod>(text)) ?? SparsityMethod.Magnitude,
                IsGlobal = map.Flag("global"),
            },
        };
    }

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        if (recipe.Sparsity is { } options)
        {
            writer.Text("pattern", options.Pattern.ToText());
            writer.Word<SparsityMethod>("method", options.Method == SparsityMethod.Magnitude ? null : options.Method);
            writer.Flag("global", options.IsGlobal, otherwise: false);
        }
    }
}
