using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Reports;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

public sealed class DoctorTests
{
    private static readonly DoctorDocument Facts = new(
        "0.1.0", "10.0.100", ".NET 10.0.0", "Debian GNU/Linux 12 (bookworm)", "arm64", 4, 4L << 30,
        new RuntimeFacts("1.29.0", ["CPUExecutionProvider"]), DevicePackages: false,
        [new SensorFacts("coefficients of host.yaml", "modelled", ["board"])],
        new StoreFacts("/home/pi/.local/share/edgeprune/store", Exists: true, "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 12_345_678_901),
        ["something does not work; do this"]);

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Report_reads_well_at_both_widths(int width) =>
        Golden.Check($"doctor-{width}", Rendered.At(width, console => DoctorReport.Show(console, Facts)));

    [Fact]
    public void Json_names_what_is_here()
    {
        using var folder = new TempFolder();

        CapturedRun run = CapturedRun.Of("doctor", "--json", "--store", folder.File("store"));

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Equal(Environment.ProcessorCount, run.Document.GetProperty("cores").GetInt32());
        Assert.Contains("CPUExecutionProvider", run.Document.GetProperty("onnxruntime").GetProperty("providers").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal("modelled", run.Document.GetProperty("sensors")[0].GetProperty("provenance").GetString());
        Assert.False(run.Document.GetProperty("store").GetProperty("exists").GetBoolean());
        Assert.True(run.Document.GetProperty("store").GetProperty("free_bytes").GetInt64() > 0);
        Assert.False(Directory.Exists(folder.File("store")), "doctor must not make anything");
    }
}
