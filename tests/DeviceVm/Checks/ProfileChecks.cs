using System.Globalization;
using System.Text.Json;
using EdgePrune.DeviceVm.Commands;
using EdgePrune.DeviceVm.Kernel;
using EdgePrune.DeviceVm.Supply;
using EdgePrune.Profiler.Units;

namespace EdgePrune.DeviceVm.Checks;

/// <summary>
/// A profile of a real network, with the energies measured by the product's INA219 driver over the kernel's I2C. The board draws
/// <see cref="Idle"/> at rest and <see cref="Active"/> more while the profiled process has the processor; so the truth of a
/// layer is active · t, and that of the network (idle + active) · t, with the times that the same profile has measured before
/// the sensor was started.
/// </summary>
/// <remarks>
/// The simulator shares the one processor with what it measures. That costs the loops runs, not accuracy: it has no power of
/// its own, and the process that is watched pays for its own processor time only. The sampling thread is part of that process;
/// it runs at rest as well, so it is in the idle power that is subtracted. How much of the processor both took is printed.
/// </remarks>
internal sealed class ProfileChecks(TimeProvider clock, EdgePruneCommand edgeprune, string share)
{
    private const double MostNetworkError = 0.03, MostLayerError = 0.06, MostIdleError = 0.03;
    // A layer with less of the energy than this is measured too briefly for the bound above.
    private const double Matters = 0.03;
    private static readonly Watts Idle = new(2), Active = new(3);

    /// <summary>A network of a few layers, whose profile takes a minute.</summary>
    public void RunSmall(CheckReport report)
    {
        string model = SmallNetwork.Save(share);
        Run(report, model);
    }

    /// <summary>The sample of the README. Emulated, one run of it takes a third of a second.</summary>
    public void RunDigits(CheckReport report) => Run(report, "samples/digits/digits.onnx");

    private void Run(CheckReport report, string model)
    {
        using var line = new ProcessorLine(clock, 5, Idle, Active);
        using var bench = new Bench(line, [line, line, line]);
        string device = DeviceFile.Ina219(share, bench.Bus.Number, Bench.FreeAddress, Bench.ShuntOhms, averages: 64);
        using RunningCommand command = edgeprune.Start("profile", model, "--device", device, "--time", "20s", "--json");
        line.Watch(command.ProcessId);
        var meter = new Meter(clock, bench, command);
        CommandResult result = EdgePruneCommand.Finish(command);
        File.WriteAllText(Path.Combine(share, "profile.json"), result.Output);
        report.Check("profile ends well", result.ExitCode == 0, result.ToString());
        if (result.ExitCode == 0)
        {
            report.Line(meter.ToString());
            Judge(report, bench, result.Document());
        }
        else
        {
            report.Line(result.Output);
        }
    }

    private static void Judge(CheckReport report, Bench bench, JsonElement profile)
    {
        string source = profile.GetProperty("provenance_source").GetString() ?? "";
        string provenance = profile.GetProperty("provenance").GetString() ?? "";
        string bus = string.Create(CultureInfo.InvariantCulture, $"i2c-{bench.Bus.Number}");
        report.Check(
            "energies are marked as measured by the part on the bus",
            provenance == "measured" && source.Contains("INA219", StringComparison.Ordinal) && source.Contains(bus, StringComparison.Ordinal) && source.Contains("0x40", StringComparison.Ordinal),
            $"{provenance}, {source}");

        JsonElement network = profile.GetProperty("network");
        double seconds = network.GetProperty("latency_ms").GetProperty("median").GetDouble() * 1e-3;
        Compare(report, "idle power", profile.GetProperty("measurement").GetProperty("idle_w"), Idle.Value, 1, "W", MostIdleError);
        Compare(report, "dynamic energy of the network", network.GetProperty("dynamic_energy_mj"), Active.Value * seconds, 1e-3, "J", MostNetworkError);
        Compare(report, "total energy of the network", network.GetProperty("energy_mj"), (Idle.Value + Active.Value) * seconds, 1e-3, "J", MostNetworkError);
        foreach (JsonElement layer in profile.GetProperty("layers").EnumerateArray().Where(l => l.GetProperty("share").GetDouble() >= Matters))
        {
            double time = layer.GetProperty("time_us").GetProperty("median").GetDouble() * 1e-6;
            string name = $"dynamic energy of {layer.GetProperty("name").GetString()}";
            Compare(report, name, layer.GetProperty("dynamic_energy_uj"), Active.Value * time, 1e-6, "J", MostLayerError);
        }
    }

    private static void Compare(CheckReport report, string name, JsonElement figure, double truth, double scale, string unit, double most)
    {
        double median = figure.GetProperty("median").GetDouble() * scale;
        double low = figure.GetProperty("low").GetDouble() * scale, high = figure.GetProperty("high").GetDouble() * scale;
        double error = (median / truth) - 1;
        report.Check(
            name,
            Math.Abs(error) <= most,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{median:G4} {unit} ({low:G4} to {high:G4}) of {truth:G4} {unit}, {error * 100:+0.0;-0.0} % (at most {most * 100:F0} %)"));
    }

    /// <summary>Waits until the sensor is read, and then notes what the simulator takes from the processor.</summary>
    private sealed class Meter
    {
        private readonly TimeProvider clock;
        private readonly Bench bench;
        private readonly long started, began, reads, processor;

        public Meter(TimeProvider clock, Bench bench, RunningCommand command)
        {
            this.clock = clock;
            this.bench = bench;
            started = clock.GetTimestamp();
            bench.WaitUntilRead(command, 100);
            began = clock.GetTimestamp();
            reads = bench.Adapter.Reads;
            processor = ProcessorTime();
        }

        public override string ToString()
        {
            double seconds = clock.GetElapsedTime(began).TotalSeconds;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{(bench.Adapter.Reads - reads) / seconds:F0} registers read a second for {seconds:F0} s, after {clock.GetElapsedTime(started, began).TotalSeconds:F0} s; the simulator took {(ProcessorTime() - processor) * 1e-7 / seconds:F1} % of the processor");
        }

        private static long ProcessorTime() => LibC.TryProcessorTime(Environment.ProcessId, out long nanoseconds) ? nanoseconds : 0;
    }
}
