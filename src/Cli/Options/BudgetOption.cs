using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgePrune.Pruner.Budget;

namespace EdgePrune.Cli.Options;

/// <summary>Limits on what a model may cost: a share of the original (60%) or an amount (12mJ, 3.5ms, 256KiB, 20M).</summary>
internal static class BudgetOption
{
    private static readonly Dictionary<CostMetric, (string Example, (string Unit, double Factor)[] Units)> Known = new()
    {
        [CostMetric.Energy] = ("60% or 12mJ", [("µJ", 1e-6), ("uJ", 1e-6), ("mJ", 1e-3), ("J", 1)]),
        [CostMetric.Latency] = ("60% or 3.5ms", [("µs", 1e-6), ("us", 1e-6), ("ms", 1e-3), ("s", 1)]),
        [CostMetric.Memory] = ("60% or 256KiB", [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1)]),
        [CostMetric.Size] = ("60% or 256KiB", [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1)]),
        [CostMetric.Macs] = ("60% or 20M", [("k", 1e3), ("M", 1e6), ("G", 1e9)]),
    };

    public static Option<BudgetTarget?> Of(CostMetric metric, string description)
    {
        string name = $"--{metric.ToString().ToLowerInvariant()}-budget";
        return new Option<BudgetTarget?>(name) { Description = description, HelpName = Known[metric].Example, CustomParser = result => Parse(name, metric, result) };
    }

    private static BudgetTarget? Parse(string name, CostMetric metric, ArgumentResult result)
    {
        string text = result.Tokens[0].Value.Trim();
        (string example, (string Unit, double Factor)[] units) = Known[metric];
        foreach ((string unit, double factor) in units.Where(u => text.EndsWith(u.Unit, StringComparison.Ordinal)))
        {
            if (TryNumber(text[..^unit.Length], out double amount) && amount > 0)
            {
                return new BudgetTarget(metric, amount * factor, IsShare: false);
            }
        }

        if (TryNumber(text.TrimEnd('%'), out double percent) && percent is > 0 and <= 100)
        {
            return new BudgetTarget(metric, percent / 100, IsShare: true);
        }

        result.AddError($"{name}: '{text}' is neither a share of up to 100 % nor an amount ({string.Join(", ", units.Select(u => u.Unit))}); for example {example}");
        return null;
    }

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text.TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
