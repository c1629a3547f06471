using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

/// <summary>The commands on the digits sample, each as a user would run it.</summary>
public sealed class PipelineTests
{
    [Fact]
    public async Task Inspect_and_eval_give_the_contract()
    {
        using var home = new TempFolder();

        JsonElement inspect = Ok(await CliProcess.Run(home, "inspect", CliProcess.Sample("digits.onnx"), "--json"));
        JsonElement eval = Ok(await CliProcess.Run(home, "eval", CliProcess.Sample("digits.onnx"), "--data", CliProcess.Sample("test.npz"), "--json"));

        Has(inspect, "model", "opset", "params", "macs", "bytes", "layers", "groups", "frozen");
        Has(inspect.GetProperty("layers")[0], "name", "op", "output", "macs", "params");
        Has(inspect.GetProperty("groups")[0], "id", "units", "slices");
        Has(inspect.GetProperty("groups")[0].GetProperty("slices")[0], "tensor", "axis");
        Has(inspect.GetProperty("frozen")[0], "tensor", "axis", "reason");
        Has(eval, "n", "accuracy", "f1_macro", "confusion");
        Assert.True(eval.GetProperty("accuracy").GetDouble() >= 0.98);
    }

    [Fact]
    public async Task Profile_gives_the_contract()
    {
        using var home = new TempFolder();

        JsonElement profile = Ok(await CliProcess.Run(home, "profile", CliProcess.Sample("digits.onnx"), "--seconds", "1", "--json"));

        Has(profile, "device", "provenance", "runtime", "network", "layers", "closure");
        Has(profile.GetProperty("network").GetProperty("latency_ms"), "median", "low", "high", "p95", "p99");
        Has(profile.GetProperty("network").GetProperty("energy_mj"), "median", "low", "high");
        Has(profile.GetProperty("layers")[0], "name", "op", "nodes", "time_us", "energy_uj", "share");
        foreach (string figure in new[] { "time_us", "energy_uj" })
        {
            Has(profile.GetProperty("layers")[0].GetProperty(figure), "median", "low", "high");
        }

        Has(profile.GetProperty("closure"), "time_residual_pct", "energy_residual_pct");
        Assert.Equal("modelled", profile.GetProperty("provenance").GetString());
    }

    /// <summary>Units first, then single weights of what is left, then the form in the file; all of it in one recipe.</summary>
    [Fact]
    public async Task A_hybrid_cut_is_one_recipe()
    {
        using var home = new TempFolder();
        string model = CliProcess.Sample("digits.onnx");
        string[] hybrid = ["--ratio", "0.3", "--sparsity", "85%", "--sparsity-global", "--seconds", "3", "--table", CliProcess.Costs, "--data", CliProcess.Sample("test.npz"), "--json"];

        JsonElement dense = Pruned(await CliProcess.Run(home, ["prune", model, "-o", "dense.onnx", .. hybrid]));
        JsonElement sparse = Pruned(await CliProcess.Run(home, ["prune", model, "-o", "sparse.onnx", .. hybrid, "--store-sparse", "--save-recipe", "recipe.yaml"]));
        JsonElement again = Pruned(await CliProcess.Run(home, "prune", model, "-o", "again.onnx", "--recipe", "recipe.yaml", "--table", CliProcess.Costs, "--data", CliProcess.Sample("test.npz"), "--json"));

        Assert.True(dense.GetProperty("after").GetProperty("params").GetInt64() < dense.GetProperty("before").GetProperty("params").GetInt64());
        Assert.True(new FileInfo(home.File("sparse.onnx")).Length < 0.7 * new FileInfo(home.File("dense.onnx")).Length);
        double accuracy = dense.GetProperty("after").GetProperty("accuracy").GetDouble();
        Assert.True(accuracy > 0.95, $"{accuracy}"); // of 0.986
        Assert.Equal(accuracy, sparse.GetProperty("after").GetProperty("accuracy").GetDouble());
        Assert.Equal(accuracy, again.GetProperty("after").GetProperty("accuracy").GetDouble());
        Assert.Equal(File.ReadAllBytes(home.File("sparse.onnx")), File.ReadAllBytes(home.File("again.onnx")));

        // A ratio is no budget, and what is slower in the end is told by the exit code: that is the machine's to say.
        static JsonElement Pruned(CliProcess run)
        {
            Assert.True(run.Code is 0 or 3, run.Error);
            return run.Document;
        }
    }

    [Fact]
    public async Task Prune_then_verify_then_deploy()
    {
        using var home = new TempFolder();
        string model = CliProcess.Sample("digits.onnx");

        CliProcess run = await CliProcess.Run(
            home, "prune", model, "-o", "pruned.onnx", "--energy-budget", "50%", "--seconds", "5", "--table", CliProcess.Costs, "--plan", "plan.json", "--data", CliProcess.Sample("test.npz"), "--json");
        Assert.True(run.Code is 0 or 3, run.Error); // how near the budget it comes is the machine's to say
        JsonElement pruned = run.Document;
        JsonElement verified = Ok(await CliProcess.Run(home, "verify", model, "pruned.onnx", "--plan", "plan.json", "--data", CliProcess.Sample("test.npz"), "--json"));
        JsonElement deployed = Ok(await CliProcess.Run(home, "deploy", "pruned.onnx", "--json"));

        Has(pruned, "before", "after", "predicted", "plan", "evaluation", "recipe");
        foreach (string side in new[] { "before", "after" })
        {
            JsonElement judged = pruned.GetProperty("evaluation").GetProperty(side);
            Has(judged, "gzip_bytes", "brotli_bytes", "memory_bytes");
            Has(judged.GetProperty("classification"), "accuracy", "top5", "f1_macro", "f1_micro", "precision_macro", "recall_macro", "classes");
        }

        Has(pruned.GetProperty("evaluation").GetProperty("agreement"), "same_class", "outputs");
        Has(pruned.GetProperty("before"), "latency_ms", "energy_mj", "macs", "params", "bytes", "accuracy");
        Has(pruned.GetProperty("after"), "latency_ms", "energy_mj", "macs", "params", "bytes", "accuracy");
        Has(pruned.GetProperty("predicted"), "latency_ms", "energy_mj");
        Assert.True(File.Exists(home.File(pruned.GetProperty("plan").GetString()!)));
        Assert.True(pruned.GetProperty("after").GetProperty("params").GetInt64() < pruned.GetProperty("before").GetProperty("params").GetInt64());
        Has(verified, "max_abs_error", "max_rel_error", "ok");
        Assert.True(verified.GetProperty("ok").GetBoolean());
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(home.File("pruned.onnx")))), deployed.GetProperty("deployed").GetProperty("digest").GetString());
        JsonElement slice = JsonDocument.Parse(File.ReadAllText(home.File("plan.json"))).RootElement.GetProperty("units")[0].GetProperty("slices")[0];
        Has(slice, "tensor", "axis", "indices", "role");
    }

    [Fact]
    public async Task A_model_that_is_not_the_plans_fails_verification_or_is_refused()
    {
        using var home = new TempFolder();
        string model = CliProcess.Sample("digits.onnx");
        // At random: the channels of lowest norm carry next to nothing in this model, and without them it would be almost the same.
        CliProcess pruned = await CliProcess.Run(
            home, "prune", model, "-o", "pruned.onnx", "--energy-budget", "50%", "--importance", "random", "--seconds", "5", "--table", CliProcess.Costs, "--plan", "plan.json", "--json");
        Assert.True(pruned.Code is 0 or 3, pruned.Error); // how near the budget it comes is the machine's to say

        // The original is not what the plan makes of itself.
        CliProcess run = await CliProcess.Run(home, "verify", model, model, "--plan", "plan.json", "--json");

        Assert.Equal(5, run.Code);
        Assert.False(run.Document.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Loop_killed_in_the_middle_goes_on_and_is_not_run_twice()
    {
        using var home = new TempFolder();
        File.Copy(CliProcess.Sample("digits.onnx"), home.File("digits.onnx"));
        string[] args = ["loop", "digits.onnx", "-o", "pruned.onnx", "--data", CliProcess.Sample("test.npz"), "--seconds", "5", "--compare-seconds", "2", "--train", CliProcess.Sample("train.npz"), "--epochs", "1", "--store", "store", "--json"];
        string first = home.File("pruned.onnx.run/1-profile.json");

        using (Process process = CliProcess.Start(home, args))
        {
            // The kill lands in the second step, whenever that begins; both pipes stay small.
            while (!File.Exists(first) && !process.HasExited)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        byte[] profile = File.ReadAllBytes(first);
        Assert.Empty(Directory.GetFiles(home.File("pruned.onnx.run"), "*-verdict.json"));

        CliProcess resumed = await CliProcess.Run(home, args);
        CliProcess again = await CliProcess.Run(home, args);
        CliProcess other = await CliProcess.Run(home, [.. args, "--energy-budget", "50%"]);

        Assert.True(resumed.Code is 0 or 3, resumed.Error);
        Has(resumed.Document, "before", "after", "verdict", "deployed", "provenance", "rounds", "budget");
        Assert.Equal(1, resumed.Document.GetProperty("recovery").GetProperty("epochs").GetInt32());
        Assert.True(resumed.Document.GetProperty("recovery").GetProperty("after").GetDouble() > 0.9);
        Assert.Contains("profile: finished already", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(profile, File.ReadAllBytes(first));
        Assert.Equal(resumed.Out, again.Out);
        Assert.Equal(1, other.Code);
        Assert.Contains("energy_budget was", other.Error, StringComparison.Ordinal);
        JsonElement deployed = resumed.Document.GetProperty("deployed");
        Assert.Equal(
            deployed.GetProperty("digest").GetString(),
            "sha256:" + Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(deployed.GetProperty("path").GetString()!))));
    }

    [Fact]
    public async Task Errors_are_one_document_with_an_exit_code()
    {
        using var home = new TempFolder();
        File.WriteAllBytes(home.File("broken.onnx"), File.ReadAllBytes(CliProcess.Sample("digits.onnx"))[..5000]);

        foreach (string[] args in new string[][]
        {
            ["inspect", "broken.onnx"], ["profile", "broken.onnx"], ["costs", "broken.onnx"], ["prune", "broken.onnx"], ["deploy", "broken.onnx"],
            ["loop", "broken.onnx"], ["eval", "broken.onnx", "--data", "x.npz"], ["verify", "broken.onnx", "broken.onnx", "--plan", "p.json"], ["preflight", "broken.onnx"],
            ["eval", CliProcess.Sample("digits.onnx"), "--data", "missing.npz"], ["profile", CliProcess.Sample("digits.onnx"), "--device", "no-such-board"],
        })
        {
            CliProcess run = await CliProcess.Run(home, [.. args, "--json"]);

            Assert.True(run.Code == 1, $"{string.Join(' ', args)}: {run.Code} {run.Error}");
            Assert.Equal("input", run.Document.GetProperty("error").GetProperty("kind").GetString());
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(["broken.onnx"], Directory.EnumerateFiles(home.Path).Select(Path.GetFileName));
    }

    private static JsonElement Ok(CliProcess run)
    {
        Assert.True(run.Code == 0, run.Error);
        return run.Document;
    }

    private static void Has(JsonElement element, params string[] names) =>
        Assert.All(names, name => Assert.True(element.TryGetProperty(name, out _), $"{name} is missing"));
}
