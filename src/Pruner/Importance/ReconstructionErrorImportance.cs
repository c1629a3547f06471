using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Reconstruction;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// The error that stays in the layers that read a unit once they have made up for it by least squares, relative to the variance of what they
/// make; units go one after the other, each on top of those before (Optimal Brain Surgeon in blocks; Kurtic et al., "ZipLM", NeurIPS 2023).
/// </summary>
public sealed class ReconstructionErrorImportance : RegressionImportance
{
    public override string Name => "reconstruction";

    public override string Summary => "error that least squares leave in the layers that read the unit (OBS in blocks, ZipLM, NeurIPS 2023)";

    private protected override Func<UnitGroup, IReadOnlyList<ReadingLayer>, IEnumerable<(int Unit, double Score)>> Scorer(
        ImportanceContext context, CalibrationData data) => (group, layers) =>
        RemovalPath.Of(group, layers).Marginal();
}
