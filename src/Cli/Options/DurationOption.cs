using System.CommandLine;
using System.Globalization;

namespace EdgePrune.Cli.Options;

/// <summary>A time such as <c>500ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>, or a number of seconds.</summary>
internal static class DurationOption
{
    private const double LongestSeconds = 30 * 86_400;
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>Seconds; null where not given.</summary>
    public static Option<double?> Of(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result =>
        {
            if (TryParse(result.Tokens[0].Value, out double seconds))
            {
                return seconds;
            }

            result.AddError($"{name}: '{result.Tokens[0].Value}' is no time from 100ms to 30 days; write it as 500ms, 10s, 2m or 1h");
            return null;
        },
    };

    private static bool TryParse(string text, out double seconds)
    {
        (string unit, double factor) = Units.FirstOrDefault(u => text.EndsWith(u.Unit, StringComparison.Ordinal), ("", 1));
        bool number = double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds);
        seconds *= factor;
        return number && seconds is >= 0.1 and <= LongestSeconds;
    }
}
