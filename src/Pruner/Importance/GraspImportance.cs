using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Preservation of the gradient's flow (Wang et al., "Picking Winning Tickets Before Training by Preserving Gradient Flow", ICLR 2020):
/// removing a weight changes ‖g‖² by −2·w·(Hg), so that a weight with the largest −w·(Hg) goes first and the score kept here is w·(Hg),
/// shifted so that the smallest is zero. H and g are those of the loss over all samples at once.
/// </summary>
public sealed class GraspImportance : GradientImportance
{
    public override string Name => "grasp";

    public override string Summary => "loss of gradient flow, w·(Hg) (GraSP, ICLR 2020)";

    public override double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        double[] scores = ElementScores.OfUnits(context, Flow(context, Tensors(context)));
        double least = scores.Where(s => !double.IsNaN(s)).DefaultIfEmpty(0).Min();
        return Array.ConvertAll(scores, s => s - least);
    }

    public override IReadOnlyDictionary<string, float[]> Elements(ImportanceContext context, IReadOnlyList<string> tensors)
    {
        Dictionary<string, float[]> flow = Flow(context, tensors);
        float least = flow.Values.Min(v => v.Min());
        return flow.ToDictionary(f => f.Key, f => Array.ConvertAll(f.Value, v => v - least), StringComparer.Ordinal);
    }

    private Dictionary<string, float[]> Flow(ImportanceContext context, IReadOnlyList<string> tensors) =>
        WeightProducts.Of(context, GradientPass.Curved(context, this, tensors).Hessian, (w, hg) => w * hg);
}
