using System.Diagnostics;
using System.Text.Json;
using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

/// <summary>The search for the front, killed and started again.</summary>
public sealed class SearchTests
{
    [Fact]
    public async Task A_search_killed_in_the_middle_goes_on_and_writes_a_front_whose_models_and_recipes_are_there()
    {
        using var home = new TempFolder();
        File.WriteAllText(home.File("brief.yaml"), "recipe: 1\nrun: {compare_seconds: 0.2}\n");
        string[] args =
        [
            "search", CliProcess.Sample("digits.onnx"), "--train", CliProcess.Sample("train.npz"), "-o", "front", "--time", "12s", "--metric", "macs",
            "--criteria", "l2,group-norm", "--scopes", "global", "--reconstructs", "none,bias", "--samples", "64", "--recipe", "brief.yaml", "--seconds", "1", "--table", CliProcess.Costs, "--json",
        ];
        using (Process process = CliProcess.Start(home, args))
        {
            while (Trials(home).Length < 2 && !process.HasExited)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        string[] finished = Trials(home);
        Dictionary<string, string> before = finished.ToDictionary(f => f, File.ReadAllText);
        CliProcess resumed = await CliProcess.Run(home, args);
        CliProcess again = await CliProcess.Run(home, args);
        CliProcess other = await CliProcess.Run(home, [.. args, "--seed", "4"]);

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.All(before, f => Assert.Equal(f.Value, File.ReadAllText(f.Key)));
        Assert.Equal(resumed.Out, again.Out);
        Assert.Equal(1, other.Code);
        Assert.Contains("belongs to a run with other inputs", other.Error, StringComparison.Ordinal);
        JsonElement[] front = [.. resumed.Document.GetProperty("front").EnumerateArray()];
        Assert.NotEmpty(front);
        Assert.Equal(front.Select(m => m.GetProperty("accuracy").GetDouble()).Order(), front.Select(m => m.GetProperty("accuracy").GetDouble()));
        Assert.All(front, m => Assert.True(File.Exists(m.GetProperty("output").GetString()) && File.Exists(m.GetProperty("recipe_file").GetString())));
        Assert.Equal(front.Length, Directory.GetFiles(home.File("front"), "model-*.onnx").Length);
        Assert.True(File.Exists(home.File("front/front.json")) && File.Exists(home.File("front/front.html")));
        string recipe = File.ReadAllText(front[0].GetProperty("recipe_file").GetString()!);
        Assert.Contains("macs: ", recipe, StringComparison.Ordinal);
    }

    // Costs that are being measured are no trial.
    private static string[] Trials(TempFolder home) =>
        Directory.Exists(home.File("front")) ? [.. Directory.GetFiles(home.File("front"), "*-of-*.json").Order(StringComparer.Ordinal)] : [];
}
