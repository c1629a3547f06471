using System.CommandLine;
using System.CommandLine.Parsing;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;

namespace EdgePrune.Cli.Options;

/// <summary>Limits on what a model may cost: a share of the original (60%) or an amount (12mJ, 3.5ms, 256KiB, 20M).</summary>
internal static class BudgetOption
{
    public static Option<BudgetTarget?> Of(CostMetric metric, string description)
    {
        string name = $"--{metric.ToString().ToLowerInvariant()}-budget";
        return new Option<BudgetTarget?>(name) { Description = description, HelpName = BudgetTargetText.Example(metric), CustomParser = result => Parse(name, metric, result) };
    }

    private static BudgetTarget? Parse(string name, CostMetric metric, ArgumentResult result)
    {
        try
        {
            return BudgetTargetText.Parse(metric, result.Tokens[0].Value);
        }
        catch (InputException wrong)
        {
            result.AddError($"{name}: {wrong.Message}");
            return null;
        }
    }
}
