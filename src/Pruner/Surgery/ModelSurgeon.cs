using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery.Constants;

namespace EdgePrune.Pruner.Surgery;

/// <summary>
/// Removes units from a model: slices every tensor of parameters, rewrites what nodes say of widths, drops what is no longer
/// used. The result computes what the original computes with those units masked to zero. Single weights become zero first, then
/// blocks go, then channels.
/// </summary>
public static class ModelSurgeon
{
    /// <summary>A pruned copy.</summary>
    /// <param name="model">The original; it is left as it is.</param>
    /// <param name="coupling">Its analysis.</param>
    /// <param name="removed">Ids of the units that go.</param>
    /// <param name="options">What becomes of constants, and what else goes.</param>
    /// <exception cref="InputException">An axis would lose its last index, or units and blocks do not go together.</exception>
    public static OnnxModel Apply(OnnxModel model, CouplingResult coupling, IReadOnlyCollection<int> removed, SurgeryOptions? options = null) =>
        Perform(model, coupling, removed, options).Model;

    /// <summary>A pruned copy, and the plan that says what was done.</summary>
    /// <param name="model">The original; it is left as it is.</param>
    /// <param name="coupling">Its analysis.</param>
    /// <param name="removed">Ids of the units that go.</param>
    /// <param name="options">What becomes of constants, and what else goes.</param>
    /// <exception cref="InputException">An axis would lose its last index, or units and blocks do not go together.</exception>
    public static SurgeryResult Cut(OnnxModel model, CouplingResult coupling, IReadOnlyCollection<int> removed, SurgeryOptions? options = null)
    {
        (OnnxModel pruned, IReadOnlyDictionary<int, UnitConstant> fates) = Perform(model, coupling, removed, options);
        options ??= SurgeryOptions.Default;
        var plan = PruningPlan.Of(model, coupling, removed);
        return new SurgeryResult(pruned, plan with
        {
            Units = [.. plan.Units.Select(u => u with { Constant = fates[u.Unit].Fate, ConstantReason = fates[u.Unit].Reason })],
            Blocks = options.Blocks.Count == 0 ? null : [.. options.Blocks.Select(Removed)],
            Weights = options.Weights.Count == 0 ? null : options.Weights,
        });
    }

    /// <summary>A pruned copy, from a plan made earlier for the same model.</summary>
    /// <exception cref="InputException">The plan was made for another model, or does not fit its units.</exception>
    public static OnnxModel Apply(OnnxModel model, PruningPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        string digest = PruningPlan.Digest(model);
        if (plan.ModelDigest != digest)
        {
            throw new InputException($"the plan was made for the model {plan.ModelDigest}, this one is {digest}");
        }

        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        CouplingResult coupling = CouplingAnalysis.Run(model, shapes, plan.Coupling);
        foreach (RemovedUnit unit in plan.Units)
        {
            if (unit.Unit < 0 || unit.Unit >= coupling.Units.Count || !SameSlices(coupling.Units[unit.Unit].Slices, unit.Slices))
            {
                throw new InputException($"the plan's unit {unit.Unit} is not a unit of this model");
            }
        }

        if (plan.Units.DistinctBy(u => u.Unit).Count() < plan.Units.Count)
        {
            throw new InputException("the plan removes a unit twice");
        }

        CheckBlocks(model, shapes, plan);
        var wanted = plan.Units.ToDictionary(u => u.Unit, u => u.Constant switch
        {
            ConstantFate.Folded => ConstantHandling.Fold,
            ConstantFate.FoldedPadded => ConstantHandling.FoldPadded,
            _ => ConstantHandling.Drop,
        });
        (OnnxModel pruned, IReadOnlyDictionary<int, UnitConstant> fates) = Cutting.Run(model, coupling, wanted, plan.Blocks ?? [], plan.Weights ?? []);
        if (plan.Units.FirstOrDefault(u => fates[u.Unit].Fate != u.Constant) is { } other)
        {
            throw new InputException($"the plan folds the constant of unit {other.Unit}, which cannot be done so: {fates[other.Unit].Reason ?? "it is folded otherwise"}");
        }

        return pruned;
    }

    private static (OnnxModel Model, IReadOnlyDictionary<int, UnitConstant> Fates) Perform(
        OnnxModel model, CouplingResult coupling, IReadOnlyCollection<int> removed, SurgeryOptions? options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(removed);
        options ??= SurgeryOptions.Default;
        return Cutting.Run(
            model, coupling, removed.Distinct().ToDictionary(u => u, _ => options.Constants), [.. options.Blocks.Select(Removed)], options.Weights);
    }

    private static RemovedBlock Removed(BlockUnit block) => new(block.Id, block.Kind, block.Output, block.Branch, block.Kept);

    private static void CheckBlocks(OnnxModel model, IReadOnlyDictionary<string, ValueShape> shapes, PruningPlan plan)
    {
        if (plan.Blocks is not { Count: > 0 } blocks)
        {
            return;
        }

        var known = BlockAnalysis.Run(model, shapes).Select(Removed).Select(b => b with { Block = 0 }).ToHashSet();
        if (blocks.FirstOrDefault(b => !known.Contains(b with { Block = 0 })) is { } other)
        {
            throw new InputException($"the plan's block {other.Block} ('{Printable.Name(other.Output)}') is no block of this model");
        }
    }

    private static bool SameSlices(IReadOnlyList<UnitSlice> a, IReadOnlyList<UnitSlice> b) =>
        a.Count == b.Count && a.Zip(b).All(p =>
            p.First.Tensor == p.Second.Tensor && p.First.Axis == p.Second.Axis && p.First.Role == p.Second.Role && p.First.Indices.SequenceEqual(p.Second.Indices));
}
