using System.Globalization;
using System.Text;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;

namespace EdgePrune.Cli.Sensors;

/// <summary>The lines of a device file that name a source, for copying.</summary>
internal static class DeviceFileText
{
    public static string Of(PowerSourceEntry entry)
    {
        var text = new StringBuilder("sources:\n");
        text.Append(CultureInfo.InvariantCulture, $"  - kind: {entry.Kind}\n");
        Add(text, "path", entry.Path is null ? null : Quoted(entry.Path));
        Add(text, "bus", entry.Bus?.ToString(CultureInfo.InvariantCulture));
        Add(text, "address", entry.Address is { } address ? $"0x{address:x2}" : null);
        text.Append("    rails:\n");
        foreach (RailEntry rail in entry.Rails)
        {
            text.Append(CultureInfo.InvariantCulture, $"      - name: {Quoted(rail.Name)}\n");
            Add(text, "    label", rail.Label is null ? null : Quoted(rail.Label));
            Add(text, "    channel", rail.Channel?.ToString(CultureInfo.InvariantCulture));
            Add(text, "    shunt_ohm", rail.ShuntOhms?.ToString(CultureInfo.InvariantCulture));
            Add(text, "    total", rail.Role == RailRole.Total ? "true" : null);
            Add(text, "    detail", rail.Role == RailRole.Detail ? "true" : null);
        }

        return text.ToString().TrimEnd();
    }

    private static void Add(StringBuilder text, string key, string? value)
    {
        if (value is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {key}: {value}\n");
        }
    }

    // Names come from the board's maker; a colon or a number among them would be read as something else.
    private static string Quoted(string value) =>
        value.Length > 0 && char.IsLetter(value[0]) && value.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '/')
            && value.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off")
            ? value
            : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
