using System.Globalization;
using System.Text.Json;
using EdgePrune.DeviceVm.Commands;
using EdgePrune.DeviceVm.Kernel;
using EdgePrune.DeviceVm.Supply;

namespace EdgePrune.DeviceVm.Checks;

/// <summary>`edgeprune sensors` in the guest: what it finds, and what it reads of a steady supply, over I2C and over hwmon.</summary>
internal sealed class SensorsChecks(TimeProvider clock, EdgePruneCommand edgeprune, string share)
{
    private const double Volts = 5.1, Amperes = 0.4321;

    public void Run(CheckReport report)
    {
        var line = new SteadyLine(clock);
        line.Set(Volts, Amperes);
        using var bench = new Bench(line, [line, line, line]);
        using HwmonDevice single = HwmonDevice.Bind(bench.Bus, Bench.HwmonAddress, "ina219");
        using HwmonDevice three = HwmonDevice.Bind(bench.Bus, Bench.ThreeChannelAddress, "ina3221");
        single.Write("shunt_resistor", Bench.ShuntMicroohms);
        for (int channel = 1; channel <= 3; channel++)
        {
            three.Write(string.Create(CultureInfo.InvariantCulture, $"shunt{channel}_resistor"), Bench.ShuntMicroohms);
        }

        JsonElement[] found = Survey(report);
        string bus = string.Create(CultureInfo.InvariantCulture, $"i2c-{bench.Bus.Number}");
        JsonElement? i2c = Find(found, "ina219", name => name.Contains(bus, StringComparison.Ordinal) && name.Contains("0x40", StringComparison.Ordinal));
        // A part on a bus cannot say which shunt it is on, so it cannot be used without a device file; sensors must say so.
        string advice = i2c is { } part && part.TryGetProperty("problem", out JsonElement problem) && part.TryGetProperty("fix", out JsonElement fix) ? $"{problem}: {fix}" : "";
        report.Check("sensors finds the INA219 on the bus and asks for its shunt", advice.Contains("shunt", StringComparison.Ordinal), $"{Names(found)}; {advice}");
        JsonElement? one = Find(found, "hwmon", name => name.Contains("ina219", StringComparison.Ordinal));
        report.Check("sensors finds ina2xx in hwmon", one is not null, Names(found));
        JsonElement? triple = Find(found, "hwmon", name => name.Contains("ina3221", StringComparison.Ordinal));
        report.Check("sensors finds ina3221 in hwmon", triple is not null, Names(found));

        // Steps of the shunt (10 µV) and of the bus (4 mV); hwmon shows the INA219's power in steps of 2 mW, and current and
        // voltage of the INA3221 in steps of 0.4 mA, rounded to 1 mA, and 8 mV.
        double registers = Step(0.0001, 0.004);
        Watch(report, "over I2C", DeviceFile.Ina219(share, bench.Bus.Number, Bench.FreeAddress, Bench.ShuntOhms, averages: 64), registers);
        Watch(report, "ina2xx over hwmon", Suggested("hwmon-ina219", one), registers + 0.002);
        Watch(report, "ina3221 over hwmon", Suggested("hwmon-ina3221", triple), Step(0.001, 0.008));
    }

    private JsonElement[] Survey(CheckReport report)
    {
        CommandResult result = edgeprune.Run("sensors", "--json");
        report.Check("sensors ends well", result.ExitCode == 0, result.ToString());
        return [.. result.Document().GetProperty("found").EnumerateArray()];
    }

    /// <summary>Every rail reads the one steady supply; its mean must be the truth within a step.</summary>
    private void Watch(CheckReport report, string name, string? device, double step)
    {
        if (device is null)
        {
            report.Check($"sensors --watch {name}", passed: false, "there is no device file for it");
            return;
        }

        CommandResult result = edgeprune.Run("sensors", "--watch", "--for", "4s", "--json", "--device", device);
        if (result.ExitCode != 0)
        {
            report.Check($"sensors --watch {name}", passed: false, result.ToString());
            return;
        }

        foreach (JsonElement rail in result.Document().GetProperty("rails").EnumerateArray())
        {
            double mean = rail.TryGetProperty("mean_w", out JsonElement watts) ? watts.GetDouble() : double.NaN;
            long readings = rail.GetProperty("readings").GetInt64();
            report.Check(
                $"sensors --watch {name}, {rail.GetProperty("name").GetString()}",
                readings >= 3 && Math.Abs(mean - (Volts * Amperes)) <= step,
                string.Create(CultureInfo.InvariantCulture, $"{mean * 1e3:F2} mW of {Volts * Amperes * 1e3:F2} mW (steps {step * 1e3:F1}), {readings} readings"));
        }
    }

    /// <summary>A device file of the lines that `sensors` suggests for what it has found.</summary>
    private string? Suggested(string name, JsonElement? found) =>
        found is { } sensor && sensor.TryGetProperty("device_file", out JsonElement lines) ? DeviceFile.Write(share, name, lines.GetString() ?? "") : null;

    private static double Step(double amperes, double volts) => (amperes * Volts) + (volts * Amperes);

    private static JsonElement? Find(JsonElement[] found, string kind, Func<string, bool> named)
    {
        JsonElement[] matching =
        [
            .. found.Where(f => f.GetProperty("kind").GetString() == kind && named(f.GetProperty("name").GetString() ?? "")),
        ];
        return matching.Length == 1 ? matching[0] : null;
    }

    private static string Names(JsonElement[] found) => string.Join("; ", found.Select(f =>
        $"{f.GetProperty("kind").GetString()} {f.GetProperty("name").GetString()}{(f.GetProperty("usable").GetBoolean() ? "" : " (not usable)")}"));
}
