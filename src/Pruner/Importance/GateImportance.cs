using EdgePrune.Pruner.Calibration;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Importance;
/// <summary>
/// Criteria of the gate that a unit's activation is multiplied by. The gradient for it, ∂L/∂m = Σ a·∂L/∂a, equals Σ g·w over the weights
/// that read the unit (over those that make it where no weights read it), so that no gate has to be in the graph.
/// </summary>
/// <param name="name">Name on the command line.</param>
/// <param name="summary">One line for the help text.</param>
/// <param name="batch">Samples whose gradients are added before <paramref name="of"/> is applied.</param>
/// <param name="of">What a batch adds to a unit's score.</param>
public sealed class GateImportance(string name, string summary, int batch, Func<double, double> of) : IImportance
{
    public string Name => name;

    public string Summary => summary;

    public ImportanceNeeds Needs => ImportanceNeeds.Gradients;

    /// <summary>
    /// First-order Taylor expansion in the gate, |Σ a·∂L/∂a| of a batch of 32, averaged over batches (Molchanov et al., "Pruning
    /// Convolutional Neural Networks for Resource Efficient Inference", ICLR 2017).
    /// </summary>
    public static GateImportance Taylor { get; } =
        new("taylor-gate", "first-order Taylor expansion in the unit's gate (Molchanov et al., ICLR 2017)", 32, Math.Abs);

    /// <summary>
    /// Fisher information of the gate, ½·mean over samples of (∂L/∂m)² (Theis et al., "Faster gaze prediction with dense networks and Fisher
    /// pruning", 2018).
    /// </summary>
    public static GateImportance Fisher { get; } =
        new("fisher", "Fisher information of the unit's gate, ½E[(∂L/∂m)²] by sample (Theis et al., 2018)", 1, g => 0.5 * g * g);

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        HashSet<string> tensors = [.. GradientImportance.Tensors(context)];
        SliceGroup[] groups = [.. context.Coupling.Units.Select(u => new SliceGroup(
            [.. GatedModel.Read(u).Where(s => tensors.Contains(s.Tensor)).Select(s => new TensorSlice(s.Tensor, s.Axis, s.Indices))]))];
        double[] scores = new double[groups.Length];
        int batches = GradientPass.Each(
            context,
            this,
            batch,
            options => GradientEvaluator.Create(context.Model, groups, options, context.Session),
            (evaluator, values) =>
            {
                IReadOnlyList<float> signed = evaluator.Evaluate(values).Signed;
                for (int u = 0; u < scores.Length; u++)
                {
                    scores[u] += of(signed[u]);
                }
            });
        return [.. scores.Select((s, u) => groups[u].Slices.Count == 0 ? double.NaN : s / batches)];
    }
}
