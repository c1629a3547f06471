using FsCheck;
using FsCheck.Fluent;

namespace Pruner.Tests.RandomGraphs;

/// <summary>Recipes for FsCheck: drawn over all steps, shrunk by dropping steps and by simplifying what is left.</summary>
internal static class RecipeGenerator
{
    private const int MostSteps = 12;

    public static Arbitrary<GraphRecipe> Recipes { get; } = Arb.From(Any(), Simpler);

    private static Gen<GraphRecipe> Any()
    {
        Gen<GraphStep> step =
            from name in Gen.Elements(RandomSteps.All.Keys.Order(StringComparer.Ordinal).ToArray())
            from source in Gen.Choose(0, 7)
            from width in Gen.Choose(0, 5)
            from variant in Gen.Choose(0, 5)
            select new GraphStep(name, source, width, variant);
        return from count in Gen.Choose(2, MostSteps)
               from steps in Gen.ListOf(step, count)
               from opset in Gen.Elements(17, 21)
               select new GraphRecipe(opset, [.. steps]);
    }

    /// <summary>Recipes that are simpler, the simplest first.</summary>
    internal static IEnumerable<GraphRecipe> Simpler(GraphRecipe recipe)
    {
        int count = recipe.Steps.Count;
        for (int length = (count + 1) / 2; length >= 1; length /= 2)
        {
            for (int start = 0; start + length <= count; start += length)
            {
                yield return recipe with { Steps = [.. recipe.Steps.Take(start), .. recipe.Steps.Skip(start + length)] };
            }
        }

        for (int i = 0; i < count; i++)
        {
            GraphStep step = recipe.Steps[i];
            foreach (GraphStep simpler in new[]
            {
                step with { Source = 0 }, step with { Width = 0 }, step with { Variant = 0 },
                step with { Source = step.Source / 2 }, step with { Width = step.Width / 2 }, step with { Variant = step.Variant / 2 },
            })
            {
                if (simpler != step)
                {
                    yield return recipe with { Steps = [.. recipe.Steps.Take(i), simpler, .. recipe.Steps.Skip(i + 1)] };
                }
            }
        }

        if (recipe.Opset != 17)
        {
            yield return recipe with { Opset = 17 };
        }
    }
}
