using System.Text.Json;
using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_ends_with_a_verdict_and_a_whole_deployed_model()
    {
        using var home = new TempFolder();

        CliProcess run = await CliProcess.Run(home, "demo", "--seconds", "4", "--folder", "demo", "--json");

        // Whether the pruned model is really better is the machine's to say; that it is decided and served is ours.
        Assert.True(run.Code is 0 or 3, run.Error);
        JsonElement document = run.Document;
        Assert.Contains(document.GetProperty("verdict").GetString(), new[] { "committed", "rolled-back" });
        Assert.Equal(run.Code == 0, document.GetProperty("verdict").GetString() == "committed");
        Assert.Equal("modelled", document.GetProperty("provenance").GetString());
        foreach (string side in new[] { "before", "after" })
        {
            foreach (string figure in new[] { "latency_ms", "energy_mj", "macs", "params", "bytes", "accuracy" })
            {
                Assert.True(document.GetProperty(side).GetProperty(figure).GetDouble() > 0, $"{side}.{figure}");
            }
        }

        Assert.StartsWith("sha256:", document.GetProperty("deployed").GetProperty("digest").GetString(), StringComparison.Ordinal);
        string path = document.GetProperty("deployed").GetProperty("path").GetString()!;
        CliProcess eval = await CliProcess.Run(home, "eval", path, "--data", CliProcess.Sample("test.npz"), "--json");
        Assert.True(eval.Code == 0, eval.Error);
        Assert.True(eval.Document.GetProperty("accuracy").GetDouble() > 0.9);
    }
}
