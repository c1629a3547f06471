using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>score</c>: the criterion, and what becomes of its scores.</summary>
internal sealed class ScoreSection : IRecipeSection
{
    private static readonly ScoringOptions Default = new();

    public string Key => "score";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Scoring = new ScoringOptions
        {
            Criterion = map.Parsed("importance", text => ImportanceCriteria.Find(text).Name) ?? Default.Criterion,
            Reduction = map.Parsed<Reduction?>("reduction", text => Words.Parse<Reduction>(text)),
            Normalization = map.Parsed<ScoreNormalization?>("normalization", text => Words.Parse<ScoreNormalization>(text)),
            Scope = map.Parsed<ScoreScope?>("scope", text => Words.Parse<ScoreScope>(text)) ?? Default.Scope,
            Dropout = map.Parsed("dropout", ScoreDropout.Parse),
        },
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        writer.Text("importance", recipe.Scoring.Criterion == Default.Criterion ? null : recipe.Scoring.Criterion);
        writer.Word("reduction", recipe.Scoring.Reduction);
        writer.Word("normalization", recipe.Scoring.Normalization);
        writer.Word<ScoreScope>("scope", recipe.Scoring.Scope == Default.Scope ? null : recipe.Scoring.Scope);
        writer.Text("dropout", recipe.Scoring.Dropout?.ToText());
    }
}
