using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Measured sensitivity of layers (Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017, §3.2): of each group a quarter, half and
/// three quarters of the units, the smallest by the L2 criterion, are masked, and the rise of the loss is measured. A unit scores the
/// rise between the two shares that it lies between, spread over the units there. It takes three runs a group and not one a unit.
/// </summary>
public sealed class LayerSensitivityImportance : GatedImportance
{
    private static readonly double[] Shares = [0.25, 0.5, 0.75];

    public override string Name => "layer-sensitivity";

    public override string Summary => "rise of the loss when shares of a layer are masked, measured (Li et al., ICLR 2017)";

    public override double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        double[] order = new MagnitudeImportance("l2", 2).Score(context with { Reduction = null });
        int[][] sorted = [.. context.Coupling.Groups.Select(g => g.Units.Select(u => u.Id).OrderBy(id => order[id]).ThenBy(id => id).ToArray())];
        var choices = new List<int[]>();
        foreach (int[] units in sorted)
        {
            choices.AddRange(Ends(units.Length).Select(end => units[..end]));
        }

        double[] rises = Measure(context, choices);
        double[] scores = new double[context.Coupling.Units.Count];
        int at = 0;
        foreach (int[] units in sorted)
        {
            int[] ends = Ends(units.Length);
            at += Spread(units, ends, rises.AsSpan(at, ends.Length), scores);
        }

        return scores;
    }

    private protected override double Compare(ImportanceContext context, int[] units, NamedValues changed, NamedValues unchanged, DatasetBatch batch) =>
        SensitivityImportance.Rise(context, changed, unchanged, batch);

    private static int[] Ends(int count) => [.. Shares.Select(s => (int)Math.Round(s * count)).Where(n => n > 0 && n < count).Distinct()];

    // The rise must not fall where more units go, and what lies behind the last share goes on as steeply.
    private static int Spread(int[] units, int[] ends, ReadOnlySpan<double> rises, double[] scores)
    {
        double before = 0;
        double slope = 0;
        int start = 0;
        for (int e = 0; e < ends.Length; e++)
        {
            double rise = Math.Max(before, rises[e]);
            slope = (rise - before) / (ends[e] - start);
            for (; start < ends[e]; start++)
            {
                scores[units[start]] = slope;
            }

            before = rise;
        }

        for (; start < units.Length; start++)
        {
            scores[units[start]] = slope;
        }

        return ends.Length;
    }
}
