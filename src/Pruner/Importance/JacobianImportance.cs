using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Sensitivity of the outputs to a small change of the unit: the norm of the Jacobian's column ‖∂y/∂m_u‖₂, m_u the gate that the unit's
/// activation is multiplied by, as a root of the mean square over samples. It is found by the difference of two runs, m = 1 + 2⁻⁵ and m = 1,
/// so that it needs neither labels nor gradient rules.
/// </summary>
public sealed class JacobianImportance : GatedImportance
{
    // A power of two: the gates are exact in float32, and the difference is far above its rounding.
    private const float Step = 1f / 32;

    public override string Name => "jacobian";

    public override string Summary => "norm of the outputs' Jacobian by the unit's gate, on data";

    public override double[] Score(ImportanceContext context) => Array.ConvertAll(base.Score(context), Math.Sqrt);

    private protected override float Gate => 1 + Step;

    private protected override IEnumerable<UnitSlice> Gated(Unit unit) => GatedModel.Read(unit);

    private protected override double Compare(ImportanceContext context, int[] units, NamedValues changed, NamedValues unchanged, DatasetBatch batch)
    {
        double sum = 0;
        foreach (string name in context.Model.Graph.Output.Select(o => o.Name))
        {
            sum += OutputLoss.Difference(changed[name].GetTensorDataAsSpan<float>(), unchanged[name].GetTensorDataAsSpan<float>()).Changed;
        }

        return sum / (Step * Step);
    }
}
