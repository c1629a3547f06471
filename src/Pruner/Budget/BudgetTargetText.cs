using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Budget;

/// <summary>Limits as people write them: a share of the original (60%) or an amount (12mJ, 3.5ms, 256KiB, 20M).</summary>
public static class BudgetTargetText
{
    private static readonly (string Unit, decimal Factor)[] ByteUnits =
        [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1)];

    private static readonly Dictionary<CostMetric, (string Example, (string Unit, decimal Factor)[] Units)> Known = new()
    {
        [CostMetric.Energy] = ("60% or 12mJ", [("µJ", 1e-6m), ("uJ", 1e-6m), ("mJ", 1e-3m), ("J", 1)]),
        [CostMetric.Latency] = ("60% or 3.5ms", [("µs", 1e-6m), ("us", 1e-6m), ("ms", 1e-3m), ("s", 1)]),
        [CostMetric.Memory] = ("60% or 256KiB", ByteUnits),
        [CostMetric.Size] = ("60% or 256KiB", ByteUnits),
        [CostMetric.Macs] = ("60% or 20M", [("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)]),
    };

    /// <summary>An example for help texts.</summary>
    public static string Example(CostMetric metric) => Known[metric].Example;

    /// <summary>Reads a limit on a cost.</summary>
    /// <exception cref="InputException">It is neither a share nor an amount.</exception>
    public static BudgetTarget Parse(CostMetric metric, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        (string example, (string Unit, decimal Factor)[] units) = Known[metric];
        foreach ((string unit, decimal factor) in units.Where(u => text.EndsWith(u.Unit, StringComparison.Ordinal)))
        {
            if (ExactNumber.TryParse(text[..^unit.Length], factor, out double amount) && amount > 0)
            {
                return new BudgetTarget(metric, amount, IsShare: false);
            }
        }

        return ExactNumber.TryParse(text.TrimEnd('%'), 0.01m, out double share) && share is > 0 and <= 1
            ? new BudgetTarget(metric, share, IsShare: true)
            : throw new InputException(
                $"'{Printable.Name(text)}' is neither a share of up to 100 % nor an amount ({string.Join(", ", units.Select(u => u.Unit))}); for example {example}");
    }

    /// <summary>The text that <see cref="Parse"/> makes the same limit of.</summary>
    public static string Of(BudgetTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.IsShare)
        {
            return ExactNumber.Percent(target.Value);
        }

        // The smallest unit whose factor is a whole number: nothing is lost by it.
        (string unit, decimal factor) = Known[target.Metric].Units.Where(u => u.Factor >= 1).MinBy(u => u.Factor);
        return ExactNumber.Of(target.Value, factor) + unit;
    }
}
