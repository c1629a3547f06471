using System.Text.Json;
using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

/// <summary>A profile whose energies a sensor's driver measures, on a simulated board in real time.</summary>
public sealed class SimulatedBoardTests
{
    [Fact]
    public Task A_profile_recovers_the_simulated_energy_or_says_why_not() => Patience.TryAsync(async _ =>
    {
        using var home = new TempFolder();

        CliProcess run = await CliProcess.Run(
            home, "profile", CliProcess.Sample("digits.onnx"), "--device", "simulated-ina219", "--time", "15s", "--json");

        JsonElement profile = run.Document;
        Assert.Equal("simulated", profile.GetProperty("provenance").GetString());
        JsonElement network = profile.GetProperty("network");
        if (run.Code == 4)
        {
            // A machine that other work disturbs gives no energies, and says so.
            Assert.NotEqual("", profile.GetProperty("measurement").GetProperty("invalid").GetString());
            Assert.False(network.TryGetProperty("energy_mj", out JsonElement none) && none.ValueKind != JsonValueKind.Null);
            return;
        }

        Assert.Equal(0, run.Code);
        // What the device file makes of the work: one watt for a busy core, 4.6 pJ a multiply-accumulate, 12.5 pJ a byte.
        double milliseconds = network.GetProperty("latency_ms").GetProperty("median").GetDouble();
        double counted = (4.6e-9 * network.GetProperty("macs").GetDouble())
            + (12.5e-9 * profile.GetProperty("layers").EnumerateArray().Sum(l => l.GetProperty("bytes_moved").GetDouble()));
        // Latency is that of undisturbed moments; while energy is measured a run may take longer, by as much as is let pass.
        Assert.InRange(network.GetProperty("dynamic_energy_mj").GetProperty("median").GetDouble() / (milliseconds + counted), 0.85, 1.3);
        Assert.InRange(profile.GetProperty("measurement").GetProperty("idle_w").GetProperty("median").GetDouble(), 1.9, 2.15);
    });
}
