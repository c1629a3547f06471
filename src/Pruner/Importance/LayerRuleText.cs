using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;

namespace EdgePrune.Pruner.Importance;

/// <summary>Rules for layers as people write them: <c>conv1*=50%</c> (at least half of its units stay), <c>conv1*=25%..75%</c>.</summary>
public static class LayerRuleText
{
    /// <exception cref="InputException">It is no such rule.</exception>
    public static LayerRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.LastIndexOf('=');
        string[] ends = equals > 0 ? text[(equals + 1)..].Split("..") : [];
        double[] shares = [.. ends.Select(Share)];
        bool good = shares.Length is 1 or 2 && shares.All(s => s is >= 0 and <= 1) && shares[^1] >= shares[0] && (shares.Length == 1 || shares[1] > 0);
        return good
            ? new LayerRule(text[..equals], shares[0], shares.Length == 2 ? shares[1] : 1)
            : throw new InputException($"'{Printable.Name(text)}' is not understood; write it as 'conv1*=50%' (at least half) or 'conv1*=25%..75%'");
    }

    /// <summary>The text that <see cref="Parse"/> makes the same rule of; of protected layers the pattern.</summary>
    public static string Of(LayerRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return rule.IsProtected ? rule.Pattern
            : rule.Most == 1 ? $"{rule.Pattern}={ExactNumber.Percent(rule.Least)}"
            : $"{rule.Pattern}={ExactNumber.Percent(rule.Least)}..{ExactNumber.Percent(rule.Most)}";
    }

    private static double Share(string text)
    {
        try
        {
            return ExactNumber.ParsePercent(text);
        }
        catch (InputException)
        {
            return double.NaN;
        }
    }
}
