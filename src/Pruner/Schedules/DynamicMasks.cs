using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Schedules;

/// <summary>
/// Dynamic pruning with regrowth (Evci et al., "Rigging the Lottery: Making All Tickets Winners" (RigL), ICML 2020). As many units of each
/// group and weights of each layer are masked from the first step to the last. Every Δt steps the least of what is active, a share of
/// α/2·(1 + cos(π·t/T)), is masked, and as much of what is masked comes back, that with the largest gradient on a batch: for a weight |∂L/∂w|,
/// for a unit |∂L/∂m| of the gate m that it would come back through as it was. What was masked a moment ago may come back as well, and then
/// keeps its value; other weights come back as zero.
/// </summary>
internal sealed class DynamicMasks(ScheduleContext context, WeightShare? weights) : MaskEditor(context)
{
    public override void Begin(TrainingStep step)
    {
        base.Begin(step);
        OnnxModel present = step.ToModel();
        HashSet<int> units = Context.Next(Scores(present), Masked, Context.Budget.At(1));
        Set(step, units, weights?.Smallest(step, Elements.Of(units, MaskElements.All), 1) ?? [], 0);
    }

    /// <summary>α/2·(1 + cos(π·t/T)).</summary>
    public static double ExchangedAt(double alpha, long step, long end) => alpha / 2 * (1 + Math.Cos(Math.PI * Math.Min(step, end) / end));

    protected override void Change(TrainingStep step, long done, long steps)
    {
        double share = ExchangedAt(Context.Options.Schedule.Exchange, done, LastChange(steps));
        OnnxModel present = step.ToModel();
        RecoveryOptions training = Context.Training;
        int seed = unchecked((Context.Options.Seed * 1_000_003) ^ (int)done);
        HashSet<int> units = Exchange(present, share, training, seed);
        Set(step, units, weights is null ? [] : Exchange(present, weights, step, Elements.Of(units, MaskElements.All), share, training, seed), done);
    }

    private HashSet<int> Exchange(OnnxModel present, double share, RecoveryOptions training, int seed)
    {
        HashSet<int> units = [.. Masked];
        if (units.Count == 0)
        {
            return units;
        }

        double[] scores = Scores(present);
        var dropped = new Dictionary<int, int>();
        foreach (UnitGroup group in Context.Coupling.Groups)
        {
            int[] active = [.. group.Units.Select(u => u.Id).Where(u => !Masked.Contains(u)).OrderBy(u => scores[u]).ThenBy(u => u)];
            // As many as can come back, and one stays.
            int count = Math.Min((int)Math.Round(share * active.Length), Math.Min(active.Length - 1, group.Units.Count - active.Length));
            dropped[group.Id] = count;
            units.UnionWith(active.Take(count));
        }

        double[] gates = GateGradients.Of(Context, present, Elements, Zeros, units, training, seed);
        foreach (UnitGroup group in Context.Coupling.Groups)
        {
            units.ExceptWith(group.Units.Select(u => u.Id).Where(units.Contains).OrderByDescending(u => Math.Abs(gates[u])).ThenBy(u => u).Take(dropped[group.Id]).ToArray());
        }

        return units;
    }

    private Dictionary<string, bool[]> Exchange(
        OnnxModel present, WeightShare own, TrainingStep step, IReadOnlyDictionary<string, bool[]> units, double share, RecoveryOptions training, int seed)
    {
        var zeros = new Dictionary<string, bool[]>(StringComparer.Ordinal);
        Dictionary<string, double[]> gradients = BatchGradients.Of(
            present, [.. own.Layers.Select(l => l.Weights)], training.Training, training.BatchSize, seed, Context.Session);
        foreach (string tensor in own.Layers.Select(l => l.Weights))
        {
            bool[] zero = [.. Zeros.OfWeights[tensor]];
            if (gradients.TryGetValue(tensor, out double[]? gradient))
            {
                Exchange(step.Values(tensor), gradient, zero, units.GetValueOrDefault(tensor) ?? new bool[zero.Length], share);
            }

            zeros[tensor] = zero;
        }

        return zeros;
    }

    /// <summary>One exchange of weights of a layer.</summary>
    /// <param name="values">The weights.</param>
    /// <param name="gradient">∂L/∂w, masked ones included.</param>
    /// <param name="zero">The mask, which is changed; as many are masked afterwards as before.</param>
    /// <param name="gone">Weights that masked units hold, which take no part.</param>
    /// <param name="share">Share of the active weights that is exchanged.</param>
    internal static void Exchange(ReadOnlySpan<float> values, ReadOnlySpan<double> gradient, bool[] zero, bool[] gone, double share)
    {
        float[] magnitudes = [.. values];
        double[] slopes = [.. gradient];
        int[] active = [.. Enumerable.Range(0, zero.Length).Where(i => !zero[i] && !gone[i])];
        int masked = Enumerable.Range(0, zero.Length).Count(i => zero[i] && !gone[i]);
        int count = Math.Min((int)Math.Round(share * active.Length), masked);
        foreach (int i in active.OrderBy(i => Math.Abs(magnitudes[i])).ThenBy(i => i).Take(count))
        {
            zero[i] = true;
        }

        foreach (int i in Enumerable.Range(0, zero.Length).Where(i => zero[i] && !gone[i]).OrderByDescending(i => Math.Abs(slopes[i])).ThenBy(i => i).Take(count).ToArray())
        {
            zero[i] = false;
        }
    }
}
