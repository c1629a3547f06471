using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

/// <summary>What runs on a board is nobody else's business.</summary>
public sealed class TelemetryTests
{
    [Theory]
    [InlineData("profile", "--seconds", "0.5")]
    [InlineData("doctor")]
    public async Task The_runtime_keeps_nothing_to_tell_its_maker(string command, params string[] more)
    {
        using var home = new TempFolder();
        Directory.CreateDirectory(home.File("home"));
        var environment = new Dictionary<string, string> { ["HOME"] = home.File("home"), ["XDG_CACHE_HOME"] = home.File("cache") };
        string[] model = command == "doctor" ? [] : [CliProcess.Sample("digits.onnx")];

        CliProcess run = await CliProcess.RunUnder(home, environment, [command, .. model, .. more]);

        Assert.True(run.Code == 0, run.Error);
        // ONNX Runtime keeps a number for the machine, and in a database what it has not been able to send.
        Assert.DoesNotContain(Directory.EnumerateFiles(home.Path, "*", SearchOption.AllDirectories), f => f.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase));
    }
}
