using EdgePrune.Onnx;
using EdgePrune.Profiler.Documents;
using EdgePrune.Pruner.Knowledge;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Recipes;

/// <summary>Files that hold what is known beforehand.</summary>
/// <param name="Priors">Sensitivities and spared layers, or the plan of an earlier run.</param>
/// <param name="Plan">The plan of a related model whose widths are carried over.</param>
/// <param name="Costs">A cost table that another board measured of the same model.</param>
public sealed record KnowledgeSource(string? Priors = null, string? Plan = null, string? Costs = null)
{
    private const long MaxCostBytes = 1L << 30;

    /// <exception cref="InputException">One of the files is missing or not right.</exception>
    public KnowledgeOptions Load() => new()
    {
        Priors = Priors is null ? null : Knowledge.Priors.Load(Priors),
        Transfer = Plan is null ? null : PruningPlan.Load(Plan),
        Costs = Costs is null ? null : ReadCosts(Costs),
    };

    private static CostTableDocument ReadCosts(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxCostBytes
                ? CostTableReader.Parse(File.ReadAllBytes(path), path)
                : throw new InputException($"{path} is larger than {MaxCostBytes:N0} bytes; no cost table is");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
