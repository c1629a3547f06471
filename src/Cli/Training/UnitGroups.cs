using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Training.Steps;

namespace EdgePrune.Cli.Training;

/// <summary>The pruner's units as a regulariser takes them.</summary>
internal static class UnitGroups
{
    /// <summary>One group of slices a unit: what can only be pruned together is kept small together.</summary>
    public static IReadOnlyList<SliceGroup> Of(OnnxModel model, IReadOnlyDictionary<string, long[]>? shapes) =>
        [.. CouplingAnalysis.Run(model, ShapeProbe.Run(model, shapes: shapes)).Units.Select(Group)];

    private static SliceGroup Group(Unit unit) =>
        new([.. unit.Slices.Where(s => s.Role != SliceRole.Value).Select(s => new TensorSlice(s.Tensor, s.Axis, s.Indices))]);
}
