using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>layers</c>: protected ones, floors and ceilings, in the words of <c>--protect</c> and <c>--keep</c>.</summary>
internal sealed class LayersSection : IRecipeSection
{
    public string Key => "layers";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe)
    {
        List<LayerRule> rules = [.. (map.OptionalTexts("protect") ?? []).Select(LayerRule.Protect)];
        foreach (string text in map.OptionalTexts("keep") ?? [])
        {
            try
            {
                rules.Add(LayerRuleText.Parse(text));
            }
            catch (InputException wrong)
            {
                map.Add("keep", $": {wrong.Message}");
            }
        }

        return recipe with { Layers = rules };
    }

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        writer.Texts("protect", Texts(recipe, isProtected: true));
        writer.Texts("keep", Texts(recipe, isProtected: false));
    }

    private static string[]? Texts(PruneRecipe recipe, bool isProtected)
    {
        string[] texts = [.. recipe.Layers.Where(l => l.IsProtected == isProtected).Select(LayerRuleText.Of)];
        return texts.Length == 0 ? null : texts;
    }
}
