using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Importance;

/// <summary>All criteria by name.</summary>
public static class ImportanceCriteria
{
    public static IReadOnlyList<IImportance> All { get; } =
    [
        new MagnitudeImportance("l2", 2),
        new MagnitudeImportance("l1", 1),
        new GroupNormImportance(),
        new SlimmingImportance(),
        new LampImportance(),
        new GeometricMedianImportance(),
        new RandomImportance(),
        new ZeroShareImportance(),
        new MeanActivationImportance(),
        new RankImportance(),
        new WandaImportance(),
        new SensitivityImportance(),
        new LayerSensitivityImportance(),
        new InfluenceImportance(),
        new JacobianImportance(),
        new TaylorImportance(),
        GateImportance.Taylor,
        GateImportance.Fisher,
        new BrainDamageImportance(),
        new GradientMagnitudeImportance(),
        new SnipImportance(),
        new GraspImportance(),
        new SynFlowImportance(),
        new ReconstructionErrorImportance(),
        new RecoveredSensitivityImportance(),
        new LassoImportance(),
        new ThiNetImportance(),
    ];

    /// <exception cref="InputException">There is no such criterion.</exception>
    public static IImportance Find(string name) =>
        All.FirstOrDefault(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new InputException($"there is no importance criterion '{name}'; there are {string.Join(", ", All.Select(c => c.Name))}");
}
