using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Pruner.Search;

/// <summary>A pruned model of which nothing is measured yet.</summary>
/// <param name="Model">The pruned model.</param>
/// <param name="Removed">What was removed.</param>
/// <param name="Plan">The choice.</param>
/// <param name="Equivalence">The cut against the masked original.</param>
/// <param name="Reconstruction">What was fitted, or null.</param>
/// <param name="Sparsity">Single weights that became zero, or null.</param>
internal sealed record PruneCandidate(
    OnnxModel Model, PruningPlan Removed, BudgetPlan Plan, EquivalenceReport Equivalence, ReconstructionResult? Reconstruction, SparsityResult? Sparsity)
{
    /// <summary>The candidate measured interleaved with the original.</summary>
    public PruneResult Measure(PreparedPruning prepared, CancellationToken cancel)
    {
        PruneOptions options = prepared.Options;
        var comparison = ModelComparison.Run(
            prepared.Model, Model, options.Device, options.Session, options.CompareBudget, shapes: options.Shapes, cancel: cancel);
        return new PruneResult(Model, Removed, Plan, prepared.Costs, Equivalence, comparison) { Reconstruction = Reconstruction, Sparsity = Sparsity };
    }
}
