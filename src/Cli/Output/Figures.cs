using System.Globalization;

namespace EdgePrune.Cli.Output;

/// <summary>Numbers as people read them: three significant digits, a unit that fits.</summary>
internal static class Figures
{
    private const int DigestLength = 19;
    private const int ShortestName = 12;
    private const char NoBreak = '\u00A0';
    private static readonly string[] Prefixes = ["", "k", "M", "G", "T"];

    /// <summary>1,234,567 → "1.23 M".</summary>
    public static string Count(double value)
    {
        int prefix = 0;
        while (Math.Abs(value) >= 999.5 && prefix < Prefixes.Length - 1)
        {
            value /= 1000;
            prefix++;
        }

        return prefix == 0 ? value.ToString("0.##", CultureInfo.InvariantCulture) : $"{Digits(value)} {Prefixes[prefix]}";
    }

    /// <summary>Bytes in binary units.</summary>
    public static string Bytes(double value)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        int unit = 0;
        while (Math.Abs(value) >= 1023.5 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0 ? $"{value:0} B" : $"{Digits(value)} {units[unit]}";
    }

    /// <summary>A time given in milliseconds.</summary>
    public static string Milliseconds(double value) => value < 0.9995 ? $"{Digits(value * 1000)} µs" : value < 999.5 ? $"{Digits(value)} ms" : $"{Digits(value / 1000)} s";

    /// <summary>An energy given in millijoules.</summary>
    public static string Millijoules(double value) =>
        Math.Abs(value) < 0.9995 ? $"{Digits(value * 1000)} µJ" : Math.Abs(value) < 999.5 ? $"{Digits(value)} mJ" : $"{Digits(value / 1000)} J";

    /// <summary>A power given in watts.</summary>
    public static string Watts(double value) =>
        Math.Abs(value) < 0.9995e-3 && value != 0 ? $"{Digits(value * 1e6)} µW" : Math.Abs(value) < 0.9995 ? $"{Digits(value * 1e3)} mW" : $"{Digits(value)} W";

    public static string Percent(double fraction, int digits = 1) => (fraction * 100).ToString("F" + digits, CultureInfo.InvariantCulture) + " %";

    /// <summary>How a value changed: "−31.2 %".</summary>
    public static string Change(double before, double after)
    {
        if (before == 0)
        {
            return after == 0 ? "±0.0 %" : "";
        }

        double percent = ((after / before) - 1) * 100;
        return Signed(percent, 1) + " %";
    }

    /// <summary>A difference with a true minus sign.</summary>
    public static string Signed(double value, int digits)
    {
        string text = Math.Abs(value).ToString("F" + digits, CultureInfo.InvariantCulture);
        bool zero = text.All(c => c is '0' or '.');
        return (zero ? "±" : value < 0 ? "−" : "+") + text;
    }

    /// <summary>Enough of a digest to tell models apart: <c>sha256:</c> and twelve digits.</summary>
    public static string Digest(string digest) => digest.Length > DigestLength ? digest[..DigestLength] : digest;

    /// <summary>The end of a long name, which is what tells layers apart, in one piece.</summary>
    public static string End(string name, int most)
    {
        most = Math.Max(most, ShortestName);
        string end = name.Length <= most ? name : string.Concat("…", name.AsSpan(name.Length - most + 1));
        return end.Replace(' ', NoBreak);
    }

    /// <summary>Three significant digits, never in scientific notation.</summary>
    public static string Digits(double value)
    {
        double size = Math.Abs(value);
        string format = size >= 99.95 ? "F0" : size >= 9.995 ? "F1" : size >= 0.9995 || size == 0 ? "F2" : size >= 0.09995 ? "F3" : "G3";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
