namespace EdgePrune.Pruner.Recipes;

/// <summary>Every path that a recipe holds.</summary>
internal static class RecipePaths
{
    /// <summary>The recipe with each path changed.</summary>
    public static PruneRecipe Change(PruneRecipe recipe, Func<string, string> change) => recipe with
    {
        Device = IsPath(recipe.Device) ? change(recipe.Device) : recipe.Device,
        HeldOut = Change(recipe.HeldOut, change),
        Knowledge = recipe.Knowledge is { } known
            ? new KnowledgeSource(Change(known.Priors, change), Change(known.Plan, change), Change(known.Costs, change))
            : null,
        CostStore = Change(recipe.CostStore, change),
        Training = recipe.Training is { } training ? training with { Data = change(training.Data) } : null,
        Calibration = recipe.Calibration is { } source ? source with { Data = change(source.Data) } : null,
    };

    private static string? Change(string? path, Func<string, string> change) => path is null ? null : change(path);

    // As device files are told from names of devices.
    private static bool IsPath(string device) =>
        device.AsSpan().ContainsAny('/', '\\') || Path.GetExtension(device).ToUpperInvariant() is ".YAML" or ".YML";
}
