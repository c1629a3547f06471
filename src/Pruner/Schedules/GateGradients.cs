using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Recovery;

namespace EdgePrune.Pruner.Schedules;

/// <summary>
/// What masked units would do to the loss: ∂L/∂m of the gate m, closed at 0, that multiplies the weights that read the unit. The weights that
/// make it are as they were, those that read it are zero, so that ∂L/∂m = Σ g·w over the reading weights w that it had and their gradients g.
/// </summary>
internal static class GateGradients
{
    /// <summary>∂L/∂m by unit id; zero for units that are not masked.</summary>
    /// <param name="context">The units.</param>
    /// <param name="present">The model in training; units that were masked before are zero in it.</param>
    /// <param name="elements">Where the units' weights are.</param>
    /// <param name="zeros">What masked units had.</param>
    /// <param name="masked">The units whose gates are closed, those that are only to be masked now included.</param>
    /// <param name="training">The samples that a batch is drawn from.</param>
    /// <param name="seed">Seed of the draw.</param>
    public static double[] Of(
        ScheduleContext context, OnnxModel present, MaskElements elements, HeldZeros zeros, IReadOnlySet<int> masked, RecoveryOptions training, int seed)
    {
        double[] gates = new double[context.Coupling.Units.Count];
        Dictionary<string, bool[]> reading = elements.Of(masked, GatedModel.Read);
        if (reading.Count == 0)
        {
            return gates;
        }

        // As everything was before it was masked.
        var index = new GraphIndex(present.Graph);
        var was = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (string tensor in elements.Of(masked, MaskElements.All).Keys.Union(zeros.OfUnits.Keys))
        {
            float[] values = TensorReader.ToFloats(index.Constant(tensor)!);
            bool[]? held = zeros.OfUnits.GetValueOrDefault(tensor);
            float[]? kept = zeros.Kept(tensor);
            bool[]? sparse = zeros.OfWeights.GetValueOrDefault(tensor);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = sparse is not null && sparse[i] ? 0 : held is not null && held[i] ? kept![i] : values[i];
            }

            was[tensor] = values;
        }

        Dictionary<string, float[]> closed = was.ToDictionary(
            t => t.Key, t => reading.TryGetValue(t.Key, out bool[]? read) ? [.. t.Value.Select((v, i) => read[i] ? 0 : v)] : t.Value, StringComparer.Ordinal);
        Dictionary<string, double[]> gradients = BatchGradients.Of(
            BatchGradients.With(present, closed), [.. reading.Keys], training.Training, training.BatchSize, seed, context.Session);
        foreach (int unit in masked)
        {
            foreach (UnitSlice slice in GatedModel.Read(context.Coupling.Units[unit]).Where(s => gradients.ContainsKey(s.Tensor)))
            {
                double[] gradient = gradients[slice.Tensor];
                float[] values = was[slice.Tensor];
                gates[unit] += elements.Places(slice).Sum(p => gradient[p] * values[p]);
            }
        }

        return gates;
    }
}
