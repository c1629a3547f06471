using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>units</c>: what may go.</summary>
internal sealed class UnitsSection : IRecipeSection
{
    public string Key => "units";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Coupling = new CouplingOptions { Kinds = Kinds(map), AllowInexact = map.Flag("allow_inexact") },
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        writer.Texts("kinds", recipe.Coupling.Kinds?.Order().Select(Words.Of));
        writer.Flag("allow_inexact", recipe.Coupling.AllowInexact, otherwise: false);
    }

    private static UnitKind[]? Kinds(YamlMap map)
    {
        var kinds = new List<UnitKind>();
        foreach (string word in map.OptionalTexts("kinds") ?? [])
        {
            try
            {
                UnitKind kind = Words.Parse<UnitKind>(word);
                kinds.Add(kind != UnitKind.Weight ? kind : throw new InputException("single weights are no units; see the section sparsity"));
            }
            catch (InputException wrong)
            {
                map.Add("kinds", $": {wrong.Message}");
            }
        }

        return kinds.Count == 0 ? null : [.. kinds.Distinct().Order()];
    }
}
