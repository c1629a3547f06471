using System.Text.Json.Nodes;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Sensors.Perf.Calibration;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

public sealed class CounterCalibrationFileTests
{
    [Fact]
    public void What_is_saved_is_what_is_loaded()
    {
        using var folder = new TempFolder();
        string path = folder.File("pi.counters.json");
        CounterCalibration made = CalibrationExample.Of();
        CounterCalibrationFile.Save(made, path);
        CounterCalibration read = CounterCalibrationFile.Load(path);
        Assert.Equal(made.Coefficients, read.Coefficients);
        Assert.Equal(made.Points, read.Points);
        Assert.Equal(made with { Coefficients = [], Points = [] }, read with { Coefficients = [], Points = [] }, (a, b) => a.ToString() == b.ToString());
    }

    [Theory]
    [InlineData("format", "\"edgeprune-counters/9\"", "format must be")]
    [InlineData("format", "null", "no calibration")]
    [InlineData("device", "\"\"", "1 to 200 characters")]
    [InlineData("processor", "\"a\\u001b[31mb\"", "1 to 200 characters")]
    [InlineData("governor", "7", "no calibration")]
    [InlineData("sensor_provenance", "\"modelled\"", "measured or simulated")]
    [InlineData("idle_watts", "-1", "idle_watts")]
    [InlineData("idle_watts", "1e9", "idle_watts")]
    [InlineData("idle_watts", "\"NaN\"", "no calibration")]
    [InlineData("idle_watts", "1e999", "idle_watts")]
    [InlineData("coefficients", "[]", "1 to 32 coefficients")]
    [InlineData("coefficients", "[null]", "1 to 32 coefficients")]
    [InlineData("coefficients", "[{\"event\":\"rm -rf\",\"picojoules\":1}]", "no counter 'rm -rf'")]
    [InlineData("coefficients", "[{\"event\":\"cycles\",\"picojoules\":-1}]", "picojoules of cycles")]
    [InlineData("coefficients", "[{\"event\":\"cycles\",\"picojoules\":1e15}]", "picojoules of cycles")]
    [InlineData("coefficients", "[{\"event\":\"cycles\"}]", "no calibration")]
    [InlineData("coefficients", "[{\"event\":\"cycles\",\"picojoules\":1},{\"event\":\"cycles\",\"picojoules\":2}]", "two coefficients")]
    [InlineData("error", "{\"median_percent\":-1,\"worst_percent\":2,\"workloads\":3}", "its error")]
    [InlineData("error", "{\"median_percent\":5,\"worst_percent\":2,\"workloads\":3}", "worst not below")]
    [InlineData("error", "{\"median_percent\":1,\"worst_percent\":2,\"workloads\":0}", "at least one workload")]
    [InlineData("condition", "0.5", "condition")]
    [InlineData("points", "[null]", "points")]
    [InlineData("surprise", "1", "surprise")]
    public void A_file_that_is_not_right_says_what_is_wrong(string key, string value, string words)
    {
        using var folder = new TempFolder();
        string path = folder.File("bad.counters.json");
        CounterCalibrationFile.Save(CalibrationExample.Of(), path);
        JsonNode json = JsonNode.Parse(File.ReadAllText(path))!;
        json[key] = "@@";
        string text = json.ToJsonString().Replace("\"@@\"", value, StringComparison.Ordinal);
        File.WriteAllText(path, text);
        string message = Assert.Throws<InputException>(() => CounterCalibrationFile.Load(path)).Message;
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.Contains("bad.counters.json", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', message);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("null", "null")]
    [InlineData("[]", "no calibration")]
    [InlineData("{", "no calibration")]
    [InlineData("{}", "no calibration")]
    [InlineData("\0\0", "no calibration")]
    public void Text_that_is_none_is_refused(string text, string words)
    {
        using var folder = new TempFolder();
        string path = folder.File("bad.counters.json");
        File.WriteAllText(path, text);
        Assert.Contains(words, Assert.Throws<InputException>(() => CounterCalibrationFile.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_a_huge_one_and_deep_nesting_are_refused()
    {
        using var folder = new TempFolder();
        Assert.Contains("does not exist", Assert.Throws<InputException>(() => CounterCalibrationFile.Load(folder.File("none"))).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => CounterCalibrationFile.Load(folder.Path));
        File.WriteAllText(folder.File("huge"), new string(' ', (1 << 20) + 1));
        Assert.Contains("larger", Assert.Throws<InputException>(() => CounterCalibrationFile.Load(folder.File("huge"))).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => CounterCalibrationFile.Parse(new string('[', 100_000), "deep"));
    }

    [Fact]
    public void Every_figure_says_counters_and_error_and_what_makes_it_worse()
    {
        CounterCalibration made = CalibrationExample.Of();
        Assert.Equal(
            "counted (CPU_CYCLES, BUS_ACCESS; cross-validated error 4.1 % median, 9.8 % worst)",
            made.ProvenanceOf("performance", null).ToString());
        Assert.Contains("under governor performance, now ondemand", made.ProvenanceOf("ondemand", null).ToString(), StringComparison.Ordinal);
        Assert.Contains("scaled from 95 % of the time", made.ProvenanceOf(null, null, 0.95).ToString(), StringComparison.Ordinal);
        Assert.Equal(ProvenanceKind.Simulated, made.ProvenanceOf(null, "simulated-pi").Kind);
        Assert.Equal(ProvenanceKind.Simulated, (made with { SensorProvenance = "simulated" }).ProvenanceOf(null, null).Kind);
    }

    [Fact]
    public void Energy_is_idle_power_times_time_and_counts_times_their_energy() =>
        Assert.Equal((2.61 * 2) + (1e9 * 412.5e-12) + (1e6 * 1830e-12), CalibrationExample.Of().Energy(new Seconds(2), [1e9, 1e6]).Value, 9);
}
