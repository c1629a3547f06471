using EdgePrune.Onnx;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Devices;

/// <summary>Reads the text of a device file (schema 1) and checks all of it.</summary>
public static class DeviceParser
{
    private const double MostTraceSeconds = 1e8;

    private static readonly string[] SimulatedParts = ["ina219", "ina226", "ina3221", "hwmon", "rapl", "rpi5-pmic"];

    private static readonly string[] Kinds =
        [PowerSourceEntry.Modelled, "ina219", "ina226", "ina3221", "hwmon", "iio", "rapl", "rpi5-pmic", "lhm", "perf", "replay", "simulated"];

    /// <param name="text">YAML.</param>
    /// <param name="file">How messages name the file.</param>
    /// <param name="expectedName">What the file must call its device, or null for anything.</param>
    /// <exception cref="InputException">One line a problem, each <c>file:line: what</c>.</exception>
    public static Device Parse(string text, string file, string? expectedName = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var problems = new YamlProblems(file);
        var root = new YamlMap(YamlMap.Root(text, file), "", problems);
        _ = root.Number("schema", 1, 1);
        string name = root.Text("name");
        if (expectedName is not null && name.Length > 0 && name != expectedName)
        {
            problems.Add(root.Line("name"), $"name must be '{expectedName}', as the file is called, not '{name}'");
        }

        var device = new Device(
            name,
            root.Text("board"),
            [.. root.Maps("sources").Select(s => Source(s, problems))],
            Idle(root.Map("idle")),
            root.Integers("alignment", 1, 1024),
            (long?)(root.OptionalNumber("memory_mib", 1, 1 << 24) * (1 << 20)),
            Coefficients(root.Map("coefficients")),
            Budgets(root.Map("budgets")))
        {
            MarkerPin = Marker(root.OptionalMap("marker")),
        };
        root.Close();
        problems.ThrowIfAny();
        return device;
    }

    private static PowerSourceEntry Source(YamlMap map, YamlProblems problems)
    {
        string kind = map.Text("kind");
        if (kind.Length > 0 && !Kinds.Contains(kind))
        {
            problems.Add(map.Line("kind"), $"'{kind}' is no kind of power source; known: {string.Join(", ", Kinds)}");
        }

        RailEntry[] rails = [.. map.Maps("rails").Select(Rail)];
        if (rails.Count(r => r.Role == RailRole.Total) > 1)
        {
            problems.Add(map.Line("rails"), "more than one rail is marked total; the sum would count power twice");
        }

        foreach (string twice in rails.GroupBy(r => r.Name).Where(g => g.Count() > 1).Select(g => g.Key))
        {
            problems.Add(map.Line("rails"), $"rail '{twice}' is listed twice");
        }

        var source = new PowerSourceEntry(
            kind, map.OptionalInteger("bus", 0, 255), map.OptionalInteger("address", 0x03, 0x77), rails)
        {
            AdcBits = map.OptionalInteger("adc_bits", 9, 12),
            Averages = map.OptionalInteger("averages", 1, 1024),
            ConversionMicroseconds = map.OptionalInteger("conversion_us", 84, 8244),
            BusHertz = map.OptionalInteger("bus_hz", 1000, 3_400_000),
            MaxAmperes = map.OptionalNumber("max_current_a", 1e-3, 1000),
            Path = map.OptionalText("path"),
            AccuracyPercent = map.OptionalNumber("accuracy_percent", 0, 50),
            Simulation = Simulation(kind, map, problems),
            FromSeconds = map.OptionalNumber("from_s", -MostTraceSeconds, MostTraceSeconds),
            ToSeconds = map.OptionalNumber("to_s", -MostTraceSeconds, MostTraceSeconds),
        };
        if (source.FromSeconds is null != source.ToSeconds is null || source.FromSeconds >= source.ToSeconds)
        {
            problems.Add(map.Line("from_s"), "from_s and to_s go together, and from_s is the smaller");
        }

        map.Close();
        return source;
    }

    private static SimulationEntry? Simulation(string kind, YamlMap source, YamlProblems problems)
    {
        YamlMap? map = source.OptionalMap("simulation");
        if (map is null || kind != "simulated")
        {
            if (kind == "simulated" || map is not null)
            {
                problems.Add(source.Line("simulation"), "kind simulated and a simulation belong together");
            }

            return null;
        }

        string part = map.Text("part");
        if (part.Length > 0 && !SimulatedParts.Contains(part))
        {
            problems.Add(map.Line("part"), $"'{part}' cannot be simulated; known: {string.Join(", ", SimulatedParts)}");
        }

        var simulation = new SimulationEntry(
            part,
            new Watts(map.Number("idle_w", 0.01, 100)),
            Seconds.FromMilliseconds(map.OptionalNumber("supply_filter_ms", 0, 100) ?? 0),
            map.OptionalNumber("gain_error_percent", -50, 50) ?? 0,
            map.OptionalNumber("background_w", 0, 10) ?? 0,
            map.OptionalNumber("noise_percent", 0, 50) ?? 0,
            map.OptionalInteger("seed", 0, int.MaxValue) ?? 0);
        map.Close();
        return simulation;
    }

    private static RailEntry Rail(YamlMap map)
    {
        var rail = new RailEntry(
            map.Text("name"),
            map.OptionalText("label"),
            map.OptionalInteger("channel", 1, 16),
            map.OptionalNumber("shunt_ohm", 1e-5, 10),
            map.Flag("total") ? RailRole.Total : map.Flag("detail") ? RailRole.Detail : RailRole.Part);
        map.Close();
        return rail;
    }

    private static int? Marker(YamlMap? map)
    {
        int? pin = map?.Integer("pin", 0, 1023);
        map?.Close();
        return pin;
    }

    private static IdleProcedure Idle(YamlMap map)
    {
        double? lowest = map.OptionalNumber("lowest_w", 0, 1000);
        double? highest = map.OptionalNumber("highest_w", 0, 1000);
        var idle = new IdleProcedure(new Seconds(map.Number("settle_s", 0, 600)), new Seconds(map.Number("window_s", 0.1, 600)))
        {
            Plausible = lowest is null && highest is null ? null : (new Watts(lowest ?? 0), new Watts(highest ?? double.PositiveInfinity)),
        };
        map.Close();
        return idle;
    }

    private static EnergyCoefficients Coefficients(YamlMap map)
    {
        var coefficients = new EnergyCoefficients(
            new Watts(map.Number("idle_w", 0, 1000)),
            new Watts(map.Number("active_w_per_core", 0, 500)),
            map.Number("pj_per_mac", 0, 1e5),
            map.Number("pj_per_byte", 0, 1e5));
        map.Close();
        return coefficients;
    }

    private static DefaultBudgets Budgets(YamlMap map)
    {
        var budgets = new DefaultBudgets(
            map.Number("energy_percent", 1, 100), map.Number("latency_percent", 1, 100), map.Number("accuracy_drop_points", 0, 100));
        map.Close();
        return budgets;
    }
}
