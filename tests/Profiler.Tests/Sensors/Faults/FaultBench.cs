using System.Runtime.Versioning;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Simulation.Trees;
using EdgePrune.Profiler.Tests.Sensors.Bench;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Faults;

/// <summary>A folder, a clock and the trees that a fault needs.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class FaultBench : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly List<ISimulatedTree> trees = [];

    public BenchTime Time { get; } = new();

    public string Root => folder.Path;

    public PowerSourceContext Context => Time.Context(Root, Program);

    public string Program => folder.File("vcgencmd");

    public string Path(string relative) => folder.File(relative);

    public BenchLine Line(double volts, double amperes, double swing = 0) => new(Time, volts, amperes, swing, 3);

    public void Keep(ISimulatedTree tree) => trees.Add(tree);

    /// <summary>A Jetson's chip, whose folder is the result.</summary>
    public string Orin(string place = "1-0040", int number = 0, double swing = 0.5)
    {
        Keep(new SimulatedIna3221Hwmon(Root, place, number, [new("VDD_IN", Line(5, 2, swing), 5e-3), new("VDD_SOC", Line(5, 0.4, swing / 5), 5e-3)], 1, new Seconds(1.1e-3)));
        return System.IO.Path.Combine(Root, "sys/bus/i2c/drivers/ina3221", place, "hwmon", $"hwmon{number}");
    }

    public string Rapl(double watts, double start = 0, long range = 262_143_328_850)
    {
        Keep(new SimulatedRapl(Root, [new("intel-rapl:0", "package-0", Line(1, watts), start, range)]));
        return Path("sys/class/powercap/intel-rapl:0");
    }

    public static PowerSourceEntry Entry(string kind, string rail) => new(kind, null, null, [new RailEntry(rail, null, null, null, RailRole.Total)]);

    /// <summary>What opening says.</summary>
    public string OpenError(PowerSourceEntry entry)
    {
        string message = Assert.Throws<SensorException>(() => PowerSources.Open(entry, Context).Dispose()).Message;
        return message;
    }

    /// <summary>Runs a window in which something happens in the middle; the reason why it is invalid.</summary>
    public string? Window(PowerSourceEntry entry, double before, Action happens, double after, Action<PowerWindow>? check = null)
    {
        using IPowerSource source = PowerSources.Open(entry, Context);
        IDisposable refresh = TreeRefresher.Follow(trees, Time, new Seconds(5e-4));
        source.Start();
        Time.Advance(before);
        refresh.Dispose(); // from here on the files are the test's
        happens();
        Time.Advance(after);
        PowerWindow window = source.Stop();
        check?.Invoke(window);
        return window.Invalid;
    }

    public string Script(string body)
    {
        File.WriteAllText(Program, "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Program;
    }

    public void Dispose()
    {
        foreach (IDisposable tree in trees.OfType<IDisposable>())
        {
            tree.Dispose();
        }

        folder.Dispose();
    }
}
