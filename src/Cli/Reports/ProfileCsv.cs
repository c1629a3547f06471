using System.Globalization;
using EdgePrune.Cli.Output;

namespace EdgePrune.Cli.Reports;

/// <summary>The layers of a profile as comma-separated values, in the order of execution: units in the header, a point in every number.</summary>
internal static class ProfileCsv
{
    private static readonly string[] Header =
    [
        "index", "layer", "operator", "nodes",
        "time_us", "time_low_us", "time_high_us", "time_samples", "time_provenance",
        "energy_uj", "energy_low_uj", "energy_high_uj",
        "dynamic_energy_uj", "dynamic_energy_low_uj", "dynamic_energy_high_uj",
        "energy_windows", "energy_samples", "energy_provenance", "energy_source",
        "time_share", "macs", "params", "bytes_moved", "activation_bytes",
    ];

    public static string Of(ProfileDocument document)
    {
        var csv = new CsvText();
        csv.Row(Header);
        for (int i = 0; i < document.Layers.Count; i++)
        {
            ProfileLayer l = document.Layers[i];
            csv.Row(
            [
                Number(i), CsvText.Safe(l.Name), CsvText.Safe(l.Op), CsvText.Safe(string.Join(' ', l.Nodes)),
                .. Interval(l.TimeUs), Whole(l.TimeUs?.Samples), l.TimeUs is null ? "" : "measured",
                .. Interval(l.EnergyUj),
                .. Interval(l.DynamicEnergyUj),
                Whole(l.EnergyWindows), Whole(l.EnergySamples),
                l.EnergyUj is null ? "" : document.Provenance, l.EnergyUj is null ? "" : CsvText.Safe(document.ProvenanceSource),
                Number(l.Share), Number(l.Macs), Number(l.Params), Number(l.BytesMoved), Number(l.ActivationBytes),
            ]);
        }

        return csv.ToString();
    }

    private static string[] Interval(Figure? figure) => [Number(figure?.Median), Number(figure?.Low), Number(figure?.High)];

    private static string Number(double? value) => value?.ToString("G9", CultureInfo.InvariantCulture) ?? "";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Whole(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
