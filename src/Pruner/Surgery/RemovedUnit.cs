using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery;

/// <summary>A unit that goes, with every slice that goes with it.</summary>
/// <param name="Unit">Its id.</param>
/// <param name="Group">Its group's id.</param>
/// <param name="Slices">What goes with it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Inexact">Why the pruned model differs from the masked one by nature; null where the two compute the same.</param>
/// <param name="Constant">What became of the constant that the unit is once the weights that make it are zero.</param>
/// <param name="ConstantReason">Why its constant was not folded; null where it was, or was not asked for.</param>
public sealed record RemovedUnit(
    int Unit,
    int Group,
    IReadOnlyList<UnitSlice> Slices,
    UnitKind Kind = UnitKind.Neuron,
    string? Inexact = null,
    ConstantFate Constant = ConstantFate.Dropped,
    string? ConstantReason = null);
