using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Reconstruction;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>reconstruct</c>: how what is left is fitted to the original's activations.</summary>
internal sealed class ReconstructSection : IRecipeSection
{
    private const double Mebibyte = 1 << 20;
    private static readonly ReconstructionOptions Default = new();

    public string Key => "reconstruct";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe) => recipe with
    {
        Reconstruction = Default with
        {
            Kind = map.Parsed<ReconstructionKind?>("kind", text => Words.Parse<ReconstructionKind>(text)) ?? Default.Kind,
            Ridge = map.OptionalNumber("ridge", 0, 1e6) ?? Default.Ridge,
            Rows = map.OptionalInteger("rows", 1, 1 << 24) ?? Default.Rows,
            CompensateSums = map.OptionalFlag("compensate_sums") ?? Default.CompensateSums,
            CacheBytes = (long)(map.OptionalNumber("cache_mib", 0, 1 << 20) * Mebibyte ?? Default.CacheBytes),
        },
    };

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        if (recipe.Reconstruction is not { } options)
        {
            return;
        }

        // The kind is always said: a section without keys would be left out.
        writer.Word<ReconstructionKind>("kind", options.Kind);
        writer.Number("ridge", options.Ridge, Default.Ridge);
        writer.Number("rows", options.Rows, Default.Rows);
        writer.Flag("compensate_sums", options.CompensateSums, Default.CompensateSums);
        writer.Number("cache_mib", options.CacheBytes / Mebibyte, Default.CacheBytes / Mebibyte);
    }
}
