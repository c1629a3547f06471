using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;

namespace EdgePrune.Pruner.Importance;

/// <summary>Random masks that scores are averaged over; see <see cref="DropoutImportance"/>.</summary>
/// <param name="Share">Chance that a unit is masked, above 0 and below 1.</param>
/// <param name="Rounds">Masks drawn.</param>
public sealed record ScoreDropout(double Share, int Rounds = 8)
{
    private const int MaxRounds = 10_000;

    /// <summary>Reads <c>20%</c> or <c>20%:16</c> (masks drawn).</summary>
    /// <exception cref="InputException">It is neither.</exception>
    public static ScoreDropout Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        int rounds = 8;
        return parts.Length <= 2 && parts[0].EndsWith('%')
            && ExactNumber.TryParse(parts[0][..^1], 0.01m, out double share) && share is > 0 and < 1
            && (parts.Length == 1 || (int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out rounds) && rounds is > 0 and <= MaxRounds))
            ? new ScoreDropout(share, rounds)
            : throw new InputException($"'{Printable.Name(text)}' says no dropout of units: write 20% (chance that a unit is masked) or 20%:16 (masks drawn)");
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{ExactNumber.Percent(Share)}:{Rounds}");
}
