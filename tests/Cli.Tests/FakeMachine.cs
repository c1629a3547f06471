using EdgePrune.Cli.Output;
using EdgePrune.Profiler.Sensors;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

/// <summary>A folder that stands for the root of a machine's file system, and command lines that run on that machine.</summary>
internal sealed class FakeMachine : IDisposable
{
    private readonly TempFolder folder = new();

    public string File(string name) => folder.File(name);

    /// <summary>A chip with one attribute, whose path is the result.</summary>
    public string Hwmon(string name, string attribute, string value)
    {
        string chip = folder.File("sys/class/hwmon/hwmon0");
        Directory.CreateDirectory(chip);
        System.IO.File.WriteAllText(Path.Combine(chip, "name"), name + "\n");
        System.IO.File.WriteAllText(Path.Combine(chip, attribute), value + "\n");
        return Path.Combine(chip, attribute);
    }

    public void Rapl()
    {
        string zone = folder.File("sys/class/powercap/intel-rapl:0");
        Directory.CreateDirectory(zone);
        System.IO.File.WriteAllText(Path.Combine(zone, "name"), "package-0\n");
        System.IO.File.WriteAllText(Path.Combine(zone, "max_energy_range_uj"), "262143328850\n");
        System.IO.File.WriteAllText(Path.Combine(zone, "energy_uj"), "1000\n");
    }

    public CapturedRun Run(params string[] args) => Run(TestContext.Current.CancellationToken, args);

    public CapturedRun Run(CancellationToken cancellationToken, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        PowerSourceContext Machine() => PowerSourceContext.ForThisMachine(TimeProvider.System) with { Root = folder.Path, VcGenCmd = "/nonexistent/vcgencmd" };
        ExitCode code = CommandLine.Run(args, new Surroundings(output, error) { Width = 80, Machine = Machine }, cancellationToken);
        return new CapturedRun(code, output.ToString(), error.ToString());
    }

    public void Dispose() => folder.Dispose();
}
