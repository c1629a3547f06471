using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="ProfileDocument"/> for people.</summary>
internal static class ProfileView
{
    public static void Show(IAnsiConsole console, ProfileDocument document, int top)
    {
        console.Write(Tables.Facts([.. Facts(document)]));
        if (ProfileProvenance.Remark(document) is { } remark)
        {
            console.Line($"! {remark}", new Style(Color.Yellow));
        }

        console.Line();
        console.Write(ProfileTable.Of(document, top, console.Profile.Width));
        if (document.Layers.Count > top)
        {
            console.Line($"and {document.Layers.Count - top} cheaper layers (--top {document.Layers.Count} shows all)");
        }

        if (document.Measurement is { } measurement)
        {
            console.Line();
            console.Write(Tables.Facts([.. Measured(document, measurement)]));
        }

        console.Line();
        console.Line(Closure(document));
        foreach (string warning in document.Warnings)
        {
            console.Line($"! {Printable.Text(warning, keepLines: false)}", new Style(Color.Yellow));
        }
    }

    /// <summary>Median and interval: "1.23 ms (1.20 to 1.26)", the unit once where it is the same.</summary>
    internal static string Range(Figure figure, Func<double, string> format)
    {
        string[] parts = [format(figure.Median), format(figure.Low), format(figure.High)];
        string unit = parts[0][(parts[0].LastIndexOf(' ') + 1)..];
        bool same = parts.All(p => p.EndsWith(" " + unit, StringComparison.Ordinal));
        return same
            ? $"{parts[0]} ({parts[1][..^(unit.Length + 1)]} to {parts[2][..^(unit.Length + 1)]})"
            : $"{parts[0]} ({parts[1]} to {parts[2]})";
    }

    private static IEnumerable<(string, string)> Facts(ProfileDocument document)
    {
        ProfileNetwork network = document.Network;
        LatencyFigure latency = network.LatencyMs;
        yield return ("model", Printable.Name(document.Model));
        yield return ("device", document.Device);
        yield return ("runtime", document.Runtime);
        yield return ("latency", $"{Range(latency.Interval(), Figures.Milliseconds)}, measured; p95 {Figures.Milliseconds(latency.P95)}, p99 {Figures.Milliseconds(latency.P99)}, {latency.Runs} runs");
        yield return ("energy", network.EnergyMj is { } energy
            ? $"{Range(energy, Figures.Millijoules)} a run, {document.Provenance} ({document.ProvenanceSource})"
            : "not known: the measurement is not valid, see below");
        if (network.DynamicEnergyMj is { } dynamic)
        {
            yield return ("above idle", $"{Range(dynamic, Figures.Millijoules)} a run, {document.Provenance}");
        }

        if (document.Measurement?.IdleW is { } idle)
        {
            yield return ("at rest", $"{Range(idle, w => $"{Figures.Digits(w)} W")}, {document.Provenance}");
        }

        yield return ("work", $"{Figures.Count(network.Macs)} MACs, {Figures.Count(network.Params)} parameters, {Figures.Bytes(network.PeakActivationBytes)} of activations at the peak");
    }

    private static IEnumerable<(string, string)> Measured(ProfileDocument document, ProfileMeasurement measurement)
    {
        int discarded = measurement.Discarded.Values.Sum();
        yield return ("measured", $"{(measurement.Plan.Length > 0 ? measurement.Plan + ", " : "")}{Figures.Milliseconds(measurement.Seconds * 1000)}");
        yield return ("windows", $"{measurement.Windows} used, {(discarded == 0 ? "none" : discarded)} discarded");
        foreach ((string reason, int count) in measurement.Discarded.OrderByDescending(d => d.Value).ThenBy(d => d.Key, StringComparer.Ordinal))
        {
            yield return ("", $"{count} × {Printable.Text(reason, keepLines: false)}");
        }

        if (measurement.PrecisionPct is { } precision)
        {
            string more = measurement.PrecisionInFourTimesPct is { } later ? $"; ±{Figures.Digits(later)} % in four times the time" : "";
            yield return ("precision", $"±{Figures.Digits(precision)} %, median of the layers with at least 1 % of the energy{more}");
        }

        if (measurement.Condition is { } condition)
        {
            yield return ("fit", $"condition number {Figures.Digits(condition)}");
        }

        if (measurement.OverheadUj is { } overhead)
        {
            yield return ("overhead", $"{Range(overhead, u => Figures.Millijoules(u / 1000))} a run beside the layers, above idle, {document.Provenance}");
        }
    }

    private static string Closure(ProfileDocument document)
    {
        string energy = document.Closure.EnergyResidualPct is { } residual
            ? $", {Residual(residual)} of the energy ({document.Provenance})"
            : "";
        return $"Closure: layers and overhead against the network differ by {Residual(document.Closure.TimeResidualPct)} of the time{energy}.";
    }

    private static string Residual(Figure figure) =>
        $"{Figures.Signed(figure.Median, 1)} % ({Figures.Signed(figure.Low, 1)} to {Figures.Signed(figure.High, 1)})";
}
