using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Recovery;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>transfer</c>: a new head for the classes of the samples that <c>train</c> names.</summary>
internal sealed class TransferSection : IRecipeSection
{
    private const int MaxSteps = 100_000_000;
    private static readonly TransferOptions Default = new();

    public string Key => "transfer";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Transfer = new TransferOptions
        {
            Order = map.Parsed<TransferOrder?>("order", text => Words.Parse<TransferOrder>(text)) ?? Default.Order,
            HeadSteps = map.OptionalInteger("head_steps", 0, MaxSteps) ?? Default.HeadSteps,
        },
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        if (recipe.Transfer is { } transfer)
        {
            // Always said: a section without keys would be left out.
            writer.Word<TransferOrder>("order", transfer.Order);
            writer.Number("head_steps", transfer.HeadSteps, Default.HeadSteps);
        }
    }
}
