using EdgePrune.Profiler.Documents;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Knowledge;

/// <summary>What earlier runs and the user know.</summary>
public sealed record KnowledgeOptions
{
    /// <summary>Sensitivities and spared layers; null for none.</summary>
    public Priors? Priors { get; init; }

    /// <summary>The plan of a related model whose widths are carried over; null for none.</summary>
    public PruningPlan? Transfer { get; init; }

    /// <summary>Costs of this model's layers as another board measured them; null to measure here.</summary>
    public CostTableDocument? Costs { get; init; }
}
