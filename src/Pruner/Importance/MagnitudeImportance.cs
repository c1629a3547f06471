using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Norm of a unit's weights (Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017), over everything that goes with it:
/// the weights that make it, the scale of a normalisation, the weights that read it. Each slice counts relative to the mean of
/// its tensor, since layers differ in the size of their weights, and the slices are summed, since a unit of a residual trunk
/// touches many layers and costs the network more than a unit inside one block.
/// </summary>
public sealed class MagnitudeImportance(string name, int order) : IImportance
{
    public string Name => name;

    public string Summary => $"L{order} norm of all weights of a unit (Li et al., ICLR 2017)";

    public double[] Score(OnnxModel model, CouplingResult coupling, int seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(coupling);
        double[] scores = new double[coupling.Units.Count];
        var index = new GraphIndex(model.Graph);
        var norms = new Dictionary<(string Tensor, int Axis), double[]?>();
        foreach (UnitGroup group in coupling.Groups)
        {
            for (int s = 0; s < group.Slices.Count; s++)
            {
                UnitSlice sample = group.Units[0].Slices[s];
                if (Counts(index, sample) && Norms(index, norms, sample) is { } along)
                {
                    double mean = Mean(along);
                    foreach (Unit unit in group.Units)
                    {
                        scores[unit.Id] += mean == 0 ? 0 : unit.Slices[s].Indices.Average(i => along[i]) / mean;
                    }
                }
            }
        }

        return scores;
    }

    private static double Mean(double[] values) => values.Sum() / values.Length;

    // Biases, means and variances say nothing of how much a unit contributes; the scale of a normalisation does.
    private static bool Counts(GraphIndex index, UnitSlice slice) =>
        slice.Role is SliceRole.Output or SliceRole.Input
        || index.Consumers(slice.Tensor).Any(n => n.OpType == "BatchNormalization" && n.Input[1] == slice.Tensor);

    private double[]? Norms(GraphIndex index, Dictionary<(string Tensor, int Axis), double[]?> known, UnitSlice slice)
    {
        if (!known.TryGetValue((slice.Tensor, slice.Axis), out double[]? norms))
        {
            // Weights that a node fills with one value (ConstantOfShape) are all alike.
            norms = index.Constant(slice.Tensor) is { } tensor ? Along(TensorReader.ToFloats(tensor), TensorReader.Dims(tensor), slice.Axis) : null;
            known[(slice.Tensor, slice.Axis)] = norms;
        }

        return norms;
    }

    private double[] Along(float[] values, int[] dims, int axis)
    {
        int inner = dims.Skip(axis + 1).Aggregate(1, (a, d) => a * d);
        double[] norms = new double[dims[axis]];
        for (int i = 0; i < values.Length; i++)
        {
            double magnitude = Math.Abs((double)values[i]);
            norms[i / inner % dims[axis]] += order == 1 ? magnitude : magnitude * magnitude;
        }

        return order == 1 ? norms : Array.ConvertAll(norms, Math.Sqrt);
    }
}
