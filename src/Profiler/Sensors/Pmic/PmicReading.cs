using System.Globalization;

namespace EdgePrune.Profiler.Sensors.Pmic;

/// <summary>
/// One answer of <c>vcgencmd pmic_read_adc</c>: lines such as <c>VDD_CORE_A current(7)=10.87674000A</c> and
/// <c>VDD_CORE_V volt(15)=0.89745940V</c>. Voltage and current belong together by the name before the suffix, not by the number
/// in brackets, which is that of the converter's channel.
/// </summary>
/// <param name="Watts">Power of each rail that has both.</param>
/// <param name="Alone">Voltages that have no current, and so no power.</param>
internal sealed record PmicReading(IReadOnlyDictionary<string, double> Watts, IReadOnlyList<string> Alone)
{
    private const int MostLines = 256;
    private const double MostVolts = 60;
    private const double MostAmperes = 100;

    /// <exception cref="SensorException">A line is not understood, a value is out of range, or no rail has both.</exception>
    public static PmicReading Parse(string text)
    {
        var volts = new Dictionary<string, double>(StringComparer.Ordinal);
        var amperes = new Dictionary<string, double>(StringComparer.Ordinal);
        int lines = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> line = raw.Trim();
            if (line.Length == 0)
            {
                continue;
            }

            if (++lines > MostLines || !TryLine(line, volts, amperes))
            {
                throw new SensorException($"vcgencmd pmic_read_adc, line {lines}: '{(line.Length > 80 ? line[..80] : line)}' is no voltage or current such as 'VDD_CORE_V volt(15)=0.897V'");
            }
        }

        var watts = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach ((string name, double current) in amperes)
        {
            if (volts.TryGetValue(name, out double voltage))
            {
                watts[name] = voltage * current;
            }
        }

        return watts.Count > 0
            ? new PmicReading(watts, [.. volts.Keys.Where(v => !amperes.ContainsKey(v)).Order(StringComparer.Ordinal)])
            : throw new SensorException("vcgencmd pmic_read_adc told no rail with both voltage and current");
    }

    // Names go to terminals and into device files.
    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return name.Length > 0;
    }

    private static bool TryLine(ReadOnlySpan<char> line, Dictionary<string, double> volts, Dictionary<string, double> amperes)
    {
        int space = line.IndexOf(' ');
        int equals = line.IndexOf('=');
        if (space < 3 || equals < space)
        {
            return false;
        }

        ReadOnlySpan<char> kind = line[(space + 1)..equals].TrimStart();
        ReadOnlySpan<char> value = line[(equals + 1)..];
        bool isVoltage = kind.StartsWith("volt(") && line[..space].EndsWith("_V") && value.EndsWith("V");
        bool isCurrent = kind.StartsWith("current(") && line[..space].EndsWith("_A") && value.EndsWith("A");
        return (isVoltage || isCurrent)
            && IsName(line[..(space - 2)])
            && double.TryParse(value[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && Math.Abs(number) <= (isVoltage ? MostVolts : MostAmperes) // false for NaN
            && (isVoltage ? volts : amperes).TryAdd(line[..(space - 2)].ToString(), number);
    }
}
