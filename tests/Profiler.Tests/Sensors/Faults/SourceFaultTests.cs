using System.Diagnostics;
using System.Runtime.Versioning;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Hwmon;
using EdgePrune.Profiler.Sensors.Rapl;
using EdgePrune.Profiler.Tests.Sensors.Bench;
using EdgePrune.Profiler.Tests.Sensors.Pmic;

namespace EdgePrune.Profiler.Tests.Sensors.Faults;

/// <summary>Every fault of sources that the kernel or the firmware offers ends with its reason, or is survived with a correct figure.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SourceFaultTests
{
    private const string Pair = "echo 'VDD_CORE_A current(7)=4A'; echo 'VDD_CORE_V volt(15)=0.9V'";
    private static readonly PowerSourceEntry Jetson = FaultBench.Entry("hwmon", "VDD_IN");
    private static readonly PowerSourceEntry Package = FaultBench.Entry("rapl", "package-0");

    private static readonly SourceFault[] All =
    [
        new("hwmon: file emptied in the middle", b => InFile(b, "curr1_input", ""), "curr1_input is empty"),
        new("hwmon: device removed and its files with it", Removed, "is stuck"),
        new("hwmon: files gone between two windows", GoneBetween, "is not there"),
        new("hwmon: not a number in the middle", b => InFile(b, "curr1_input", "nan\n"), "does not hold one whole number"),
        new("hwmon: binary garbage in the middle", b => InFile(b, "in1_input", "\u0001\u0002\u00ff\n"), "does not hold one whole number"),
        new("hwmon: overlong text in the middle", b => InFile(b, "curr1_input", new string('7', 100_000)), "does not hold one whole number"),
        new("hwmon: stuck value", b => b.Window(Jetson, 1, Prepare(b.Orin()), 6), "equal to the last digit"),
        new("hwmon: stuck value over many short windows", StuckInPieces, "equal to the last digit"),
        new("hwmon: a constant load within the watch's limit is no fault", ConstantLoad, null),
        new("hwmon: input/output error", InputOutputError, "input/output error"),
        new("hwmon: permission denied", PermissionDenied, "may not be read by this user"),
        new("hwmon: disabled channel", DisabledChannel, "tee"),
        new("hwmon: rail that the board lacks", b => Opened(b, b.Orin(), FaultBench.Entry("hwmon", "VDD_GPU")), "'VDD_GPU' is not on this board. The kernel offers 'VDD_IN'"),
        new("hwmon: part of a label does not match", b => Opened(b, b.Orin(), FaultBench.Entry("hwmon", "VDD")), "'VDD' is not on this board"),
        new("hwmon: no driver", b => b.OpenError(Jetson), "modprobe"),
        new("hwmon: two chips with one label", TwoChips, "ina3221 at 1-0040, 'VDD_IN' of ina3221 at 7-0041"),
        new("hwmon: two chips with one label, told apart by the bus", TwoChipsByBus, null),
        new("hwmon: pipe in place of a file", PipeInPlace, "curr1_input cannot be read"),
        new("device file: two totals", TwoTotals, "count power twice"),
        new("rapl: wrap in the middle", b => b.Window(Package, 1, Prepare(b.Rapl(50, 262_100)), 0, w => Assert.Equal(50, w.Energy[0].Value, 0.2)), null),
        new("rapl: counter runs backwards without a wrap", b => Counter(b, "1000"), "ran backwards"),
        new("rapl: counter jumps ahead", b => Counter(b, "90000000000"), "jumped"),
        new("rapl: counter beyond its range", b => Counter(b, "262143328851"), "beyond its own range"),
        new("rapl: counter is stuck", b => b.Window(Package, 0, Prepare(b.Rapl(20)), 1), "did not move"),
        new("rapl: double wrap cannot be excluded after a long pause", LongPause, "may have wrapped more than once"),
        new("rapl: range too short to be followed", b => Opened(b, b.Rapl(1, 0, 65_536), Package), "wraps that fast cannot be counted"),
        new("rapl: no range", b => Opened(b, Range(b), Package), "max_energy_range_uj"),
        new("rapl: permission denied", RaplDenied, "udev"),
        new("rapl: garbage in the counter", b => Counter(b, "12,5"), "does not hold one whole number"),
        new("rapl: zone that the processor lacks", b => Opened(b, b.Rapl(1), new PowerSourceEntry("rapl", null, null, [new("a", "package-7", null, null, RailRole.Total)])), "no energy counter 'package-7'; it has package-0"),
        new("rapl: two zones of one name", TwoZones, "counting both would count power twice"),
        new("pmic: program missing", b => b.OpenError(PmicTests.All), "raspi-utils"),
        new("pmic: program hangs", b => Opened(b, b.Script("sleep 60"), PmicTests.All), "did not end within 2 s"),
        new("pmic: child of the program hangs with the pipe", b => Opened(b, b.Script("sleep 3 & exit 0"), PmicTests.All), "did not end within 2 s"),
        new("pmic: program prints without end", b => Opened(b, b.Script("yes"), PmicTests.All), "printed more than 65536 characters"),
        new("pmic: garbage", b => Opened(b, b.Script("echo hello"), PmicTests.All), "is no voltage or current"),
        new("pmic: other board", b => Opened(b, b.Script("echo 'error=1 error_msg=\"Command not registered\"'"), PmicTests.All), "only the Raspberry Pi 5"),
        new("pmic: no right to talk to the firmware", b => Opened(b, b.Script("echo \"Can't open device file: /dev/vcio\" >&2; exit 255"), PmicTests.All), "usermod -aG video"),
        new("pmic: fails in the middle", b => Firmware(b, "exit 3"), "exit code 3"),
        new("pmic: rail vanishes in the middle", b => Firmware(b, "echo 'X_A current(7)=4A'; echo 'X_V volt(15)=0.9V'"), "no longer tells voltage and current of VDD_CORE"),
        new("pmic: stuck value", b => Firmware(b, Pair, 12), "equal to the last digit"),
        new("replay: path missing in the device file", b => b.OpenError(FaultBench.Entry("replay", "a")), "needs the path"),
        new("unknown family", b => b.OpenError(FaultBench.Entry("nonsense", "a")), "not in this build"),
    ];

    public static TheoryData<string> Names => [.. All.Select(f => f.Name)];

    [Theory(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    [MemberData(nameof(Names))]
    public void A_fault_is_told_or_survived(string name)
    {
        SourceFault fault = All.Single(f => f.Name == name);
        using var bench = new FaultBench();
        string? said = fault.Inject(bench);
        if (fault.Expected is null)
        {
            Assert.Null(said);
        }
        else
        {
            Assert.Contains(fault.Expected, said, StringComparison.Ordinal);
        }
    }

    // The tree exists by the time this is called; nothing else happens.
    private static Action Prepare(string _) => () => { };

    private static string Opened(FaultBench bench, string _, PowerSourceEntry entry) => bench.OpenError(entry);

    private static string? InFile(FaultBench bench, string file, string text)
    {
        string folder = bench.Orin();
        return bench.Window(Jetson, 0.2, () => File.WriteAllText(Path.Combine(folder, file), text), 0.2);
    }

    // An open file outlives its name on a disk. A real attribute answers ENODEV at once; here only the silence tells.
    private static string? Removed(FaultBench bench)
    {
        string folder = bench.Orin();
        return bench.Window(Jetson, 1, () => Directory.Delete(folder, recursive: true), 6);
    }

    private static string? GoneBetween(FaultBench bench)
    {
        string folder = bench.Orin();
        using IPowerSource source = PowerSources.Open(Jetson, bench.Context);
        source.Start();
        bench.Time.Advance(0.1);
        source.Stop();
        File.Delete(Path.Combine(folder, "curr1_input"));
        return Assert.Throws<SensorException>(source.Start).Message;
    }

    private static string? StuckInPieces(FaultBench bench)
    {
        bench.Orin();
        using IPowerSource source = PowerSources.Open(Jetson, bench.Context);
        string? said = null;
        for (int i = 0; i < 12; i++)
        {
            source.Start();
            bench.Time.Advance(0.5);
            said = source.Stop().Invalid ?? said;
        }

        return said;
    }

    private static string? ConstantLoad(FaultBench bench)
    {
        string folder = bench.Orin(swing: 0);
        return bench.Window(Jetson, 2, Prepare(folder), 0, window => Assert.Equal(20, window.Energy[0].Value, 0.05));
    }

    private static string? InputOutputError(FaultBench bench)
    {
        string file = Path.Combine(bench.Orin(), "curr1_input");
        File.Delete(file);
        File.CreateSymbolicLink(file, "/proc/self/mem"); // EIO, from the kernel itself
        return bench.OpenError(Jetson);
    }

    private static string? PermissionDenied(FaultBench bench)
    {
        string folder = bench.Orin();
        OpenToAll(bench.Root);
        File.SetUnixFileMode(Path.Combine(folder, "curr1_input"), UnixFileMode.None);
        using var user = new OtherUser();
        return bench.OpenError(Jetson);
    }

    private static string? RaplDenied(FaultBench bench)
    {
        string folder = bench.Rapl(20);
        OpenToAll(bench.Root);
        File.SetUnixFileMode(Path.Combine(folder, "energy_uj"), UnixFileMode.UserRead); // 0400 root, as the kernel has it
        using var user = new OtherUser();
        Assert.Contains("chmod a+r", Assert.Single(new RaplFamily().Discover(bench.Context)).Fix, StringComparison.Ordinal);
        return bench.OpenError(Package);
    }

    private static void OpenToAll(string root)
    {
        const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        File.SetUnixFileMode(root, All);
        foreach (string folder in Directory.EnumerateDirectories(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            File.SetUnixFileMode(folder, All);
            foreach (string file in Directory.EnumerateFiles(folder))
            {
                File.SetUnixFileMode(file, All);
            }
        }
    }

    private static string? DisabledChannel(FaultBench bench)
    {
        File.WriteAllText(Path.Combine(bench.Orin(), "in1_enable"), "0\n");
        return bench.OpenError(Jetson);
    }

    private static string? TwoChips(FaultBench bench)
    {
        bench.Orin();
        bench.Orin("7-0041", 1);
        Assert.Contains("2 times", Assert.Single(new HwmonFamily().Discover(bench.Context)).Problem, StringComparison.Ordinal);
        return bench.OpenError(Jetson);
    }

    private static string? TwoChipsByBus(FaultBench bench)
    {
        bench.Orin("7-0041", 1, swing: 0);
        return bench.Window(
            Jetson with { Bus = 1, Address = 0x40 }, 0.5, Prepare(bench.Orin()), 0, window => Assert.InRange(window.Energy[0].Value, 3, 7));
    }

    private static string? PipeInPlace(FaultBench bench)
    {
        string file = Path.Combine(bench.Orin(), "curr1_input");
        File.Delete(file);
        using (Process made = Process.Start("mkfifo", [file]))
        {
            made.WaitForExit();
        }

        return bench.OpenError(Jetson);
    }

    private static string? TwoTotals(FaultBench bench)
    {
        string text = File.ReadAllText(Path.Combine(EdgePrune.TestSupport.Repository.Root, "devices", "host.yaml"))
            .Replace("        total: true", "        total: true\n      - name: b\n        total: true", StringComparison.Ordinal);
        File.WriteAllText(bench.Path("host.yaml"), text);
        return Assert.Throws<InputException>(() => Device.Load(bench.Path("host.yaml"))).Message;
    }

    private static string? TwoZones(FaultBench bench)
    {
        bench.Rapl(10);
        bench.Keep(new EdgePrune.Profiler.Simulation.Trees.SimulatedRapl(bench.Root, [new("intel-rapl:1", "package-0", bench.Line(1, 10))]));
        return bench.OpenError(Package);
    }

    private static string? Counter(FaultBench bench, string text)
    {
        string folder = bench.Rapl(40, 1000);
        return bench.Window(Package, 0.3, () => File.WriteAllText(Path.Combine(folder, "energy_uj"), text + "\n"), 0.2);
    }

    private static string? LongPause(FaultBench bench)
    {
        bench.Rapl(10, 0, 300_000_000); // could wrap every 0.15 s
        var asleep = new Asleep();
        using IPowerSource source = PowerSources.Open(Package, bench.Context with { Scheduler = asleep });
        source.Start();
        bench.Time.Advance(1);
        return source.Stop().Invalid;
    }

    private static string Range(FaultBench bench)
    {
        string folder = bench.Rapl(10);
        File.WriteAllText(Path.Combine(folder, "max_energy_range_uj"), "0\n");
        return folder;
    }

    private static string? Firmware(FaultBench bench, string body, double after = 1)
    {
        bench.Script(Pair);
        return bench.Window(PmicTests.All, 0.5, () => bench.Script(body), after);
    }

    /// <summary>A machine that slept: nobody polled.</summary>
    private sealed class Asleep : EdgePrune.Profiler.Sensors.Sampling.IPollScheduler, IDisposable
    {
        public IDisposable Run(Func<EdgePrune.Profiler.Units.Seconds, EdgePrune.Profiler.Units.Seconds> poll) => this;

        public void Dispose()
        {
        }
    }
}
