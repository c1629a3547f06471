using System.CommandLine;
using EdgePrune.Pruner.Recipes;

namespace EdgePrune.Cli.Options;

/// <summary>Files with what is known beforehand.</summary>
internal sealed class KnowledgeArguments
{
    private readonly Option<string?> priors = new("--priors")
    {
        Description = "What is known of layers: a file of sensitivities and spared layers (docs/recipes.md), or the plan of an earlier run.",
        HelpName = "file",
    };

    private readonly Option<string?> plan = new("--transfer-plan")
    {
        Description = "Keep in each layer the share that the plan of a related model kept; layers are matched by name, then by order.",
        HelpName = "file",
    };

    private readonly Option<string?> costs = new("--costs-from")
    {
        Description = "Costs of this model's layers as another board measured them (a loop's or an agent's cost table), in place of measuring here.",
        HelpName = "file",
    };

    private readonly Option<string?> save = new("--save-priors")
    {
        Description = "Write how the layers' units compare by their scores, for --priors of a later run.",
        HelpName = "file",
    };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [priors, plan, costs, save];

    /// <summary>The recipe with what was written out in its place.</summary>
    public PruneRecipe Apply(ParseResult parsed, PruneRecipe recipe)
    {
        KnowledgeSource known = recipe.Knowledge ?? new KnowledgeSource();
        known = new KnowledgeSource(
            Full(parsed.GetValue(priors)) ?? known.Priors, Full(parsed.GetValue(plan)) ?? known.Plan, Full(parsed.GetValue(costs)) ?? known.Costs);
        return recipe with { Knowledge = known == new KnowledgeSource() ? null : known };
    }

    /// <summary>Where sensitivities are to be written, or null.</summary>
    public string? SavedAt(ParseResult parsed) => parsed.GetValue(save);

    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
