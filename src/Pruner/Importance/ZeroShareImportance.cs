using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// How often a unit is not zero: one minus the average percentage of zeros, APoZ (Hu et al., "Network Trimming", 2016), in the values
/// that weights read, which stand behind the activation. It tells units apart where that is a Relu.
/// </summary>
public sealed class ZeroShareImportance : ActivationImportance
{
    public override string Name => "apoz";

    public override string Summary => "share of activations that are not zero, 1 − APoZ (Network Trimming, 2016)";

    internal override (IReadOnlyCollection<IActivationObserver> Observers, Func<double[]> Finish) Begin(ImportanceContext context) =>
        Means(context, static (values, _) =>
        {
            int zeros = 0;
            foreach (float value in values)
            {
                zeros += value == 0 ? 1 : 0;
            }

            return (values.Length - zeros, values.Length);
        });
}
