using EdgePrune.Cli.Commands;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;
using EdgePrune.Profiler.Sensors.Perf.Calibration;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

public sealed class CalibrateTests
{
    private static readonly CalibrationRun Run = new(
        new CounterCalibration(
            CounterCalibration.CurrentFormat,
            "raspberry-pi-4-ina219",
            "armv8_cortex_a72",
            "performance",
            "INA219 at i2c-1 0x40",
            "measured",
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            2.61,
            [new CounterCoefficient("task-clock", 212), new CounterCoefficient("CPU_CYCLES", 412.5), new CounterCoefficient("BUS_ACCESS", 1830)],
            new CalibrationError(4.1, 27.3, 4),
            3.2,
            [
                new CalibrationPoint("conv 3x3", 1.25, 1.31),
                new CalibrationPoint("add large", 1.02, 0.99),
                new CalibrationPoint("add large@50%", 0.55, 0.40),
                new CalibrationPoint("matmul@4 threads", 3.9, 3.9),
            ]),
        Rounds: 2,
        Repeated: 1,
        Capacity: 6,
        ["task-clock", "CPU_CYCLES", "INST_RETIRED", "BUS_ACCESS"]);

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Report_reads_well_at_both_widths(int width) =>
        Golden.Check($"calibrate-{width}", Rendered.At(width, console => CalibrateReport.Show(console, CalibrateDocument.Of(Run, "/home/pi/raspberry-pi-4-ina219.counters.json"))));

    [Fact]
    public void Json_says_all_that_the_report_says() =>
        Golden.Check("calibrate-json", Json.Write(CalibrateDocument.Of(Run, "/home/pi/raspberry-pi-4-ina219.counters.json")) + "\n");

    [Fact]
    public void A_calibration_that_is_too_far_off_is_stored_only_by_force()
    {
        using var folder = new TempFolder();
        string path = folder.File("bad.counters.json");
        CalibrationRun bad = Run with { Calibration = Run.Calibration with { Error = new CalibrationError(31, 70, 4) } };

        CommandFailure refused = Assert.Throws<CommandFailure>(() => CalibrateCommand.Store(bad, path, force: false));
        Assert.Equal(ExitCode.TargetNotMet, refused.Code);
        Assert.Contains("31.0 % wrong", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));

        Assert.Equal(ExitCode.Ok, CalibrateCommand.Store(bad, path, force: true).Code);
        Assert.Equal(31, CounterCalibrationFile.Load(path).Error.MedianPercent);
        Assert.Equal(ExitCode.Ok, CalibrateCommand.Store(Run, path, force: false).Code);
        Assert.Equal(4.1, CounterCalibrationFile.Load(path).Error.MedianPercent);
    }

    [Fact]
    public void Without_a_sensor_it_says_what_is_needed_and_ends_with_4()
    {
        using var folder = new TempFolder();
        CapturedRun run = CapturedRun.Of("calibrate", "--json", "--output", folder.File("host.counters.json"));

        Assert.Equal(ExitCode.DeviceUnavailable, run.Code);
        string message = run.Document.GetProperty("error").GetProperty("message").GetString()!;
        Assert.Contains("device host has no power sensor; a calibration needs one", message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
        if (!CountsHardware())
        {
            // Both problems at once: who brings a sensor should not find out afterwards that there is nothing to count.
            Assert.Contains("no hardware counters", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("modelled", "measures no power")]
    [InlineData("perf", "measures no power")]
    [InlineData("rapl", "has no source of kind 'rapl'; it has modelled")]
    public void A_source_that_cannot_be_is_wrong_usage(string kind, string words)
    {
        using var folder = new TempFolder();
        CapturedRun run = CapturedRun.Of("calibrate", "--source", kind, "--output", folder.File("host.counters.json"));

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_told_before_anything_is_measured()
    {
        using var folder = new TempFolder();
        CapturedRun run = CapturedRun.Of("calibrate", "--output", folder.File("none/host.counters.json"));

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("does not exist", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_says_where_hardware_counters_are_missing()
    {
        using var folder = new TempFolder();
        CapturedRun run = CapturedRun.Of("doctor", "--json", "--store", folder.File("store"));

        string[] problems = [.. run.Document.GetProperty("problems").EnumerateArray().Select(p => p.GetString()!)];
        Assert.Contains(problems, p => p.StartsWith("hardware counters", StringComparison.Ordinal)
            && p.Contains(CountsHardware() ? "no calibration" : "cycles", StringComparison.OrdinalIgnoreCase));
    }

    private static bool CountsHardware()
    {
        try
        {
            return PerfCounterHost.Create("/").Capacity > 0;
        }
        catch (SensorException)
        {
            return false;
        }
    }
}
