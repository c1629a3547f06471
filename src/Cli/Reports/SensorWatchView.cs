using System.Globalization;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Sensors;
using EdgePrune.Profiler.Sensors;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgePrune.Cli.Reports;

/// <summary>Power as it is now: a table with a sparkline for each rail on a terminal, or a line.</summary>
internal static class SensorWatchView
{
    private const string Bars = "▁▂▃▄▅▆▇█";
    private const int OtherColumns = 52;
    private const int NarrowColumns = 30;
    private const int ShortestSparkline = 8;
    private const int LongestSparkline = 120;
    private const int Wide = 90;

    /// <summary>What stands on the terminal.</summary>
    public static IRenderable Live(SensorWatch watch, string source, string provenance, int width, string? recording)
    {
        bool wide = width >= Wide;
        Table table = wide ? Tables.Of("rail", "now>", "mean>", "least>", "most>", "last seconds") : Tables.Of("rail", "now>", "mean>", "last seconds");
        int length = Math.Clamp(width - (wide ? OtherColumns : NarrowColumns) - LongestName(watch.Rails), ShortestSparkline, LongestSparkline);
        for (int i = 0; i < watch.Rails.Count; i++)
        {
            RailHistory history = watch.History[i];
            string name = watch.Rails[i].Name;
            string line = Sparkline([.. history.Spans.TakeLast(length)]).PadRight(length);
            table.Row(wide
                ? [name, Power(history.Last), Power(history.Mean), Power(history.Min), Power(history.Max), line]
                : [name, Power(history.Last), Power(history.Mean), line]);
        }

        string state = string.Create(
            CultureInfo.InvariantCulture, $"{watch.Elapsed:F0} s, {provenance} by {source}{(recording is null ? "" : $", recording to {recording}")}; Ctrl-C ends");
        return new Rows(table, new Text(state, new Style(Color.Grey)));
    }

    /// <summary>The same where no display can move.</summary>
    public static string Line(SensorWatch watch) => string.Create(
        CultureInfo.InvariantCulture,
        $"{watch.Elapsed,7:F1} s  {string.Join("  ", watch.Rails.Select((r, i) => $"{r.Name} {Power(watch.History[i].Last)}"))}");

    /// <summary>What was seen, in the end.</summary>
    public static void Show(IAnsiConsole console, SensorWatchDocument document)
    {
        Table table = Tables.Of("rail", "mean>", "least>", "most>", "energy>", "readings>");
        foreach (WatchedRail rail in document.Rails)
        {
            table.Row(
                $"{rail.Name} ({rail.Role})",
                Power(rail.MeanW),
                Power(rail.MinW),
                Power(rail.MaxW),
                Figures.Millijoules(rail.EnergyJ * 1e3),
                rail.Readings.ToString(CultureInfo.InvariantCulture));
        }

        console.Write(table);
        console.Line(string.Create(CultureInfo.InvariantCulture, $"{document.Seconds:F1} s, {document.Provenance} by {document.Source}"));
        if (document.Recorded is not null)
        {
            console.Line($"Recorded to {document.Recorded}; a device file replays it with kind: replay.");
        }
    }

    /// <summary>One character a value, from the least to the largest of them.</summary>
    public static string Sparkline(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            return "";
        }

        double low = values.Min();
        double span = values.Max() - low;
        return string.Concat(values.Select(v => Bars[span <= 0 ? 0 : (int)Math.Min(Bars.Length - 1, (v - low) / span * Bars.Length)]));
    }

    private static int LongestName(IReadOnlyList<PowerRail> rails) => rails.Max(r => r.Name.Length);

    private static string Power(double? watts) => watts is { } value ? Figures.Watts(value) : "";
}
