using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Importance;

/// <summary>A criterion of single weights that follows gradients of the loss over all samples; a unit has the sum over its weights.</summary>
public abstract class GradientImportance : IImportance
{
    public abstract string Name { get; }

    public abstract string Summary { get; }

    public virtual ImportanceNeeds Needs => ImportanceNeeds.Gradients;

    public virtual ScoreNormalization Normalization => ScoreNormalization.None;

    public virtual double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ElementScores.OfUnits(context, Elements(context, Tensors(context)));
    }

    /// <summary>A score for every weight of the tensors named, row-major.</summary>
    public abstract IReadOnlyDictionary<string, float[]> Elements(ImportanceContext context, IReadOnlyList<string> tensors);

    /// <summary>The tensors that say how much units contribute: weights that make or read them, scales of normalisations.</summary>
    /// <exception cref="InputException">There are none.</exception>
    internal static IReadOnlyList<string> Tensors(ImportanceContext context)
    {
        var weights = new WeightTensors(context.Model);
        HashSet<string> floats = [.. Lifted(context.Model.Graph)];
        string[] tensors = [.. context.Coupling.Units.SelectMany(u => u.Slices).Where(weights.Counts).Select(s => s.Tensor).Distinct(StringComparer.Ordinal).Where(floats.Contains)];
        return tensors.Length > 0 ? tensors : throw new InputException($"{context.Model.Source}: no unit has weights of float32 whose gradient could be taken");
    }

    /// <summary>The units' slices of these tensors, as gradients are summed over.</summary>
    internal static SliceGroup[] Groups(ImportanceContext context, IReadOnlyCollection<string> tensors, Func<UnitSlice, bool> wanted) =>
        [.. context.Coupling.Units.Select(u => new SliceGroup(
            [.. u.Slices.Where(s => tensors.Contains(s.Tensor) && wanted(s)).Select(s => new TensorSlice(s.Tensor, s.Axis, s.Indices))]))];

    // Initializers, and weights that an exporter wrote as Constant nodes: the gradient graph takes both.
    private static IEnumerable<string> Lifted(GraphProto graph) =>
        graph.Initializer.Where(i => i.DataType == (int)TensorProto.Types.DataType.Float).Select(i => i.Name)
            .Concat(graph.Node.Where(n => n.OpType == "Constant" && n.Attribute.Any(a => a.Name == "value" && a.T?.DataType == (int)TensorProto.Types.DataType.Float)).Select(n => n.Output[0]));
}
