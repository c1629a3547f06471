using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="SensorsDocument"/> for people.</summary>
internal static class SensorsReport
{
    private static readonly Style Warning = new(Color.Yellow);

    public static void Show(IAnsiConsole console, SensorsDocument document)
    {
        if (document.Found.Count == 0)
        {
            console.Line("No power sensor was found on this machine (docs/devices.md lists boards and sensors that can be read).", Warning);
        }

        foreach (FoundSensor sensor in document.Found)
        {
            Show(console, sensor);
        }

        Origin(console, document);
    }

    private static void Show(IAnsiConsole console, FoundSensor sensor)
    {
        console.Write(new Text(sensor.Usable ? "● " : "○ ", new Style(sensor.Usable ? Color.Green : Color.Yellow)));
        console.Line($"{sensor.Name}{(sensor.Usable ? "" : ", not usable")}", new Style(decoration: Decoration.Bold));
        var facts = new List<(string, string)> { ("  kind", sensor.Kind) };
        if (sensor.Readout is not null)
        {
            facts.Add(("  rate", Rate(sensor)));
            facts.Add(("  resolution", sensor.ResolutionMw is { } step ? $"{Figures.Watts(step / 1e3)} a step" : "not told by the part"));
        }

        if (sensor.Rails.Count > 0)
        {
            facts.Add(("  rails", string.Join(", ", sensor.Rails.Select(r => $"{r.Name} ({r.Role})"))));
        }

        if (sensor.Problem is not null)
        {
            facts.Add(("  problem", sensor.Problem));
        }

        if (sensor.Fix is not null)
        {
            facts.Add((sensor.Usable ? "  note" : "  fix", sensor.Fix));
        }

        console.Write(Tables.Facts([.. facts]));
        console.Line();
    }

    private static string Rate(FoundSensor sensor)
    {
        string rate = sensor.RateHz is { } hertz ? $"{Figures.Digits(hertz)} readings a second" : "not known";
        string averaging = sensor.AveragingMs is { } ms ? $", each a mean over {Figures.Milliseconds(ms)}" : "";
        string staleness = sensor.StalenessMs is { } old ? $", at most {Figures.Milliseconds(old)} old" : "";
        return sensor.Readout == "energy_counter" ? $"energy counter, {rate}" : rate + averaging + staleness;
    }

    private static void Origin(IAnsiConsole console, SensorsDocument document)
    {
        EnergyOrigin origin = document.Energy;
        if (origin.Problem is not null)
        {
            console.Line($"! device {document.Device} names a source that cannot be used: {origin.Problem}", Warning);
            return;
        }

        if (origin.Provenance != "modelled")
        {
            console.Line($"Energies of device {document.Device} are {origin.Provenance}: {origin.Source}.");
            return;
        }

        console.Line($"Energies of device {document.Device} are modelled, not measured: {origin.Source}.");
        if (document.Found.FirstOrDefault(f => f.Usable) is { DeviceFile: { } lines } usable)
        {
            console.Line($"To measure with {usable.Name}, name it in a device file of your own (docs/devices.md) and give that as --device:");
            console.Line();
            console.Profile.Out.Writer.WriteLine(lines);
        }
    }
}
