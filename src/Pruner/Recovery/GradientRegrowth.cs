using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Schedules;

namespace EdgePrune.Pruner.Recovery;

/// <summary>
/// Densification by gradient: units that are masked in the original come back in the order of −∂L/∂m, by which the loss falls as their gate m
/// opens, while the budget allows (after the regrowth of Mocanu et al., 2018, and Evci et al., 2020, for whole units). The gradients are taken
/// anew whenever an eighth of the masked units has come back. A unit whose return would raise the loss stays gone.
/// </summary>
internal static class GradientRegrowth
{
    private const int MaxRounds = 32;

    /// <summary>The units that stay gone.</summary>
    /// <param name="context">The model, its units and the budget.</param>
    /// <param name="removed">The units that a cut beyond the budget takes.</param>
    /// <exception cref="InputException">There are no labelled samples of two classes, or an operator has no gradient rule.</exception>
    public static HashSet<int> Run(ScheduleContext context, IEnumerable<int> removed)
    {
        CalibrationData data = context.Options.Calibration
            ?? throw new InputException("units are brought back by what they do to the loss on samples, and none were given; name training samples (--calibration)");
        data.RequireClasses("units are brought back by what they do to the loss");
        HashSet<int> gone = [.. removed];
        for (int round = 0; round < MaxRounds && gone.Count > 0; round++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            double[] slopes = Slopes(context, gone);
            int[] order = [.. gone.Where(u => slopes[u] < 0).OrderBy(u => slopes[u]).ThenBy(u => u)];
            int most = Math.Max(1, (gone.Count + 7) / 8), came = 0;
            foreach (int unit in order)
            {
                if (came < most && MayReturn(context, gone, unit))
                {
                    came++;
                }
            }

            if (came == 0)
            {
                break;
            }
        }

        return gone;
    }

    /// <summary>∂L/∂m by unit id at m = 0, over all samples, for units that are masked in the original.</summary>
    public static double[] Slopes(ScheduleContext context, IReadOnlySet<int> gone)
    {
        OnnxModel model = context.Model;
        var index = new GraphIndex(model.Graph);
        var scoring = new ImportanceContext(model, context.Coupling)
        {
            Seed = context.Options.Seed,
            Data = context.Options.Calibration,
            Session = context.Session,
            Cancellation = context.Cancellation,
        };
        HashSet<string> tensors = [.. GradientImportance.Tensors(scoring)];
        var elements = new MaskElements(context.Coupling, tensors);
        Dictionary<string, bool[]> reading = elements.Of(gone, GatedModel.Read);
        Dictionary<string, float[]> was = reading.Keys.ToDictionary(t => t, t => TensorReader.ToFloats(index.Constant(t)!), StringComparer.Ordinal);
        Dictionary<string, float[]> closed = was.ToDictionary(t => t.Key, t => t.Value.Select((v, i) => reading[t.Key][i] ? 0 : v).ToArray(), StringComparer.Ordinal);
        double[] slopes = new double[context.Coupling.Units.Count];
        if (reading.Count == 0)
        {
            return slopes;
        }

        Dictionary<string, double[]> gradients = GradientPass.Mean(
            scoring with { Model = BatchGradients.With(model, closed) }, new GradientMagnitudeImportance(), [.. reading.Keys]);
        foreach (int unit in gone)
        {
            foreach (UnitSlice slice in GatedModel.Read(context.Coupling.Units[unit]).Where(s => gradients.ContainsKey(s.Tensor)))
            {
                double[] gradient = gradients[slice.Tensor];
                float[] values = was[slice.Tensor];
                slopes[unit] += elements.Places(slice).Sum(p => gradient[p] * values[p]);
            }
        }

        return slopes;
    }

    private static bool MayReturn(ScheduleContext context, HashSet<int> gone, int unit)
    {
        UnitGroup group = context.Coupling.Groups[context.Coupling.Units[unit].Group];
        if (group.Units.Count(u => !gone.Contains(u.Id)) >= context.Bounds.Most[group.Id])
        {
            return false;
        }

        gone.Remove(unit);
        if (context.Fits(gone))
        {
            return true;
        }

        gone.Add(unit);
        return false;
    }
}
