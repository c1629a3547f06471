using System.Globalization;
using EdgePrune.Cli.Loop;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Search;

namespace EdgePrune.Cli.Search;

/// <summary>What a search is to do.</summary>
internal sealed record SearchOptions
{
    /// <summary>The model file.</summary>
    public required string Model { get; init; }

    /// <summary>Labelled training data; a share of each class is held out.</summary>
    public required string Train { get; init; }

    /// <summary>Where models, recipes, the front and the trials go.</summary>
    public required string Folder { get; init; }

    /// <summary>Seconds for the trials.</summary>
    public required double Seconds { get; init; }

    /// <summary>Energy or latency.</summary>
    public required CostMetric Metric { get; init; }

    /// <summary>What all trials have in common.</summary>
    public required PruneRecipe Base { get; init; }

    /// <summary>Criteria to try.</summary>
    public required IReadOnlyList<string> Criteria { get; init; }

    /// <summary>Scopes to try.</summary>
    public required IReadOnlyList<ScoreScope> Scopes { get; init; }

    /// <summary>Ways to fit, null for none.</summary>
    public required IReadOnlyList<ReconstructionKind?> Reconstructions { get; init; }

    /// <summary>Share of each class that is held out.</summary>
    public double HeldOut { get; init; } = 0.2;

    public IReadOnlyList<SearchRecipe> Recipes => SearchRecipe.All(Criteria, Scopes, Reconstructions);

    /// <summary>All that the results depend on. The time is none of it: with more of it the same search goes on.</summary>
    public IReadOnlyDictionary<string, string> Identity() => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["model"] = LoopOptions.Digest(Model),
        ["train"] = LoopOptions.DataIdentity(Train),
        ["device"] = File.Exists(Base.Device) ? LoopOptions.Digest(Base.Device) : Base.Device,
        ["metric"] = Words.Of(Metric),
        ["recipe"] = (Base with { CostStore = null }).ToYaml(System.IO.Path.GetFullPath(Folder)),
        ["tried"] = string.Join(' ', Recipes.Select(r => r.Name)),
        ["held_out"] = HeldOut.ToString(CultureInfo.InvariantCulture),
    };
}
