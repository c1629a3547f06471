using System.Globalization;
using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Budget;

/// <summary>
/// Numbers with units, written so that reading them gives the very same number again. The unit's factor is applied in decimal: in binary
/// some numbers are not a multiple of a thousandth of any other.
/// </summary>
internal static class ExactNumber
{
    private const NumberStyles Unsigned = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>A number without a sign, times a factor; false where it is none, or infinite.</summary>
    public static bool TryParse(string text, decimal factor, out double value)
    {
        text = text.TrimEnd();
        if (decimal.TryParse(text, Unsigned, CultureInfo.InvariantCulture, out decimal number) && number < decimal.MaxValue / Math.Max(1, factor))
        {
            value = double.Parse((number * factor).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            return true;
        }

        bool isNumber = double.TryParse(text, Unsigned, CultureInfo.InvariantCulture, out value);
        value *= (double)factor;
        return isNumber && double.IsFinite(value);
    }

    /// <summary>The text that <see cref="TryParse"/> makes the value of, in as few digits as that takes.</summary>
    public static string Of(double value, decimal factor)
    {
        string digits = value.ToString("R", CultureInfo.InvariantCulture);
        return value < 1e25 && decimal.TryParse(digits, Unsigned, CultureInfo.InvariantCulture, out decimal exact)
            ? (exact / factor).ToString("0.############################", CultureInfo.InvariantCulture)
            : (value / (double)factor).ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>A share as percent, with its sign: <c>62.5%</c>.</summary>
    public static string Percent(double share) => Of(share, 0.01m) + "%";

    /// <summary>Reads what <see cref="Percent"/> writes.</summary>
    /// <exception cref="InputException">It is no share from 0 % to 100 %.</exception>
    public static double ParsePercent(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.EndsWith('%') && TryParse(text[..^1], 0.01m, out double share) && share is >= 0 and <= 1
            ? share
            : throw new InputException($"'{Printable.Name(text)}' is no share; write it as 50%, from 0% to 100%");
    }
}
