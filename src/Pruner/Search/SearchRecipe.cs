using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Reconstruction;

namespace EdgePrune.Pruner.Search;

/// <summary>What a search tries besides budgets.</summary>
/// <param name="Criterion">Name of the criterion.</param>
/// <param name="Scope">Which units compete.</param>
/// <param name="Reconstruction">What is fitted afterwards; null for nothing.</param>
public sealed record SearchRecipe(string Criterion, ScoreScope Scope, ReconstructionKind? Reconstruction)
{
    /// <summary>"taylor-global-least-squares": fit for the name of a file.</summary>
    public string Name => $"{Criterion}-{Words.Of(Scope)}-{(Reconstruction is { } kind ? Words.Of(kind) : "as-cut")}";

    /// <summary>A recipe with these choices in the place of its own.</summary>
    public PruneRecipe In(PruneRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe with
        {
            Scoring = recipe.Scoring with { Criterion = Criterion, Scope = Scope },
            Reconstruction = Reconstruction is { } kind ? (recipe.Reconstruction ?? new ReconstructionOptions()) with { Kind = kind } : null,
        };
    }

    /// <summary>Every combination, in the order given.</summary>
    public static IReadOnlyList<SearchRecipe> All(IReadOnlyList<string> criteria, IReadOnlyList<ScoreScope> scopes, IReadOnlyList<ReconstructionKind?> reconstructions) =>
        [.. from c in criteria from s in scopes from r in reconstructions select new SearchRecipe(c, s, r)];
}
