using System.Diagnostics;
using System.Text.Json;
using EdgePrune.Agent.Store;
using EdgePrune.TestSupport;
using EdgePrune.TestSupport.Hostile;
using Google.Protobuf;

namespace EdgePrune.EndToEnd.Tests;

/// <summary>Malformed models as real processes see them: each command, an exit code, and nothing left behind.</summary>
public sealed class HostileModelTests
{
    private static readonly Dictionary<string, string> Limits = new() { ["EDGEPRUNE_TRIAL_MIB"] = "2048" };

    public static TheoryData<string, string> Cases => new()
    {
        { "inspect", "empty file" },
        { "inspect", "millions of empty nodes" },
        { "inspect", "graphs 20,000 deep" },
        { "inspect", "missing input with a terminal escape" },
        { "inspect", "Trilu with k of -2^63" },
        { "inspect", "device without end" },
        { "inspect", "memory taken in steps" },
        { "inspect", "packed numbers that grow eightfold" },
        { "inspect", "100,000 graphs that see 100,000 names, cyclic" },
        { "profile", "FIFO" },
        { "profile", "length of 2^63" },
        { "profile", "cycle of 50,000" },
        { "profile", "unknown operator" },
        { "profile", "ConstantOfShape of 10^12 elements" },
        { "prune", "cut off after 95 %" },
        { "prune", "random bytes 3" },
        { "prune", "value made twice" },
        { "prune", "functions that double forty times" },
        { "prune", "DepthToSpace with block size 0" },
        { "prune", "integer division by zero" },
        { "verify", "zip" },
        { "verify", "missing weights" },
        { "verify", "Conv with group 0" },
        { "verify pruned", "cut off after 50 %" },
        { "verify pruned", "Trilu with k of -2^63" },
        { "eval", "Git LFS pointer" },
        { "eval", "opset 24" },
        { "eval", "Tile 10^12 times" },
        { "deploy", "folder" },
        { "deploy", "FIFO" },
        { "deploy", "device without end" },
        { "deploy", "last byte missing" },
        { "deploy", "node that reads itself" },
        { "deploy", "types 1,000 deep" },
        { "deploy", "wrong channel count" },
        { "deploy", "Trilu with k of -2^63" },
        { "deploy", "Range of 10^12 elements" },
        { "loop", "gzip of a sound model" },
        { "loop", "functions 1,000 deep" },
        { "loop", "LayerNormalization at axis -9" },
        { "loop", "many large graph inputs" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Ends_in_an_error_and_leaves_nothing(string command, string name)
    {
        HostileModel entry = HostileModels.Named(name);
        using var home = new TempFolder();
        string folder = Directory.CreateDirectory(home.File("models")).FullName;
        string path = entry.Write(folder);
        string sound = home.File("sound.onnx");
        File.WriteAllBytes(sound, HostileModels.Sound().ToByteArray());
        if (command.StartsWith("verify", StringComparison.Ordinal))
        {
            File.WriteAllText(Path.Combine(folder, "plan.json"), """{"format": "edgeprune-plan/1", "model_digest": "sha256:0", "units": []}""");
        }


        CliProcess run = await CliProcess.RunUnder(home, Limits, Line(command, path, sound));

        JsonElement error = Refused(run);
        if (command != "deploy") // which words it in terms of its steps
        {
            Assert.Contains(entry.Words, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        Assert.Null(Current(home));
        string[] left = [.. Directory.EnumerateFileSystemEntries(home.Path).Select(e => Path.GetFileName(e)!).Except(["models", "sound.onnx", "data", "store"])];
        Assert.Empty(left);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(home.Path, "*", SearchOption.AllDirectories), f => f.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_never_ends_is_ended_by_the_time_limit()
    {
        HostileModel entry = HostileModels.All.Single(m => m.NeverEnds);
        using var home = new TempFolder();
        string path = entry.Write(home.Path);

        CliProcess run = await CliProcess.RunUnder(home, new() { ["EDGEPRUNE_TRIAL_SECONDS"] = "3" }, "prune", path, "-o", "out.onnx", "--json");

        Assert.Contains(entry.Words, Refused(run).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.False(File.Exists(home.File("out.onnx")));
    }

    [Theory]
    [InlineData("EDGEPRUNE_TRIAL_SECONDS", "soon")]
    [InlineData("EDGEPRUNE_TRIAL_SECONDS", "0")]
    [InlineData("EDGEPRUNE_TRIAL_MIB", "-1")]
    public async Task A_limit_that_is_no_number_is_named(string variable, string value)
    {
        using var home = new TempFolder();

        CliProcess run = await CliProcess.RunUnder(home, new() { [variable] = value }, "inspect", CliProcess.Sample("digits.onnx"), "--json");

        Assert.Equal(2, run.Code);
        Assert.Contains($"{variable} is '{value}'", Refused(run).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_serves_goes_on_serving_when_a_deployment_fails()
    {
        using var home = new TempFolder();
        CliProcess first = await CliProcess.Run(home, "deploy", CliProcess.Sample("digits.onnx"), "--store", "store", "--json");
        ModelDigest? before = Current(home);

        foreach (string name in new[] { "Trilu with k of -2^63", "cut off after 95 %", "unknown operator" })
        {
            string folder = Directory.CreateDirectory(home.File(name)).FullName;
            Refused(await CliProcess.RunUnder(home, Limits, "deploy", HostileModels.Named(name).Write(folder), "--store", "store", "--json"));
        }

        Assert.Equal(0, first.Code);
        Assert.NotNull(before);
        Assert.Equal(before, Current(home));
    }

    private static string[] Line(string command, string path, string sound) => command switch
    {
        "inspect" => ["inspect", path, "--json"],
        "profile" => ["profile", path, "--seconds", "1", "--json"],
        "prune" => ["prune", path, "-o", "out.onnx", "--plan", "plan.json", "--seconds", "1", "--json"],
        "verify" => ["verify", path, sound, "--plan", "models/plan.json", "--json"],
        "verify pruned" => ["verify", sound, path, "--plan", "models/plan.json", "--json"],
        "eval" => ["eval", path, "--data", CliProcess.Sample("test.npz"), "--json"],
        "deploy" => ["deploy", path, "--store", "store", "--json"],
        "loop" => ["loop", path, "-o", "out.onnx", "--store", "store", "--data", CliProcess.Sample("test.npz"), "--seconds", "1", "--json"],
        _ => throw new UnreachableException(),
    };

    private static JsonElement Refused(CliProcess run)
    {
        Assert.True(run.Code is 1 or 2, $"{run.Code} {run.Error}");
        JsonProperty only = Assert.Single(run.Document.EnumerateObject());
        Assert.Equal("error", only.Name);
        Assert.NotEmpty(only.Value.GetProperty("message").GetString()!);
        Assert.Contains(only.Value.GetProperty("kind").GetString(), new[] { "input", "usage" });
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Error);
        return only.Value;
    }

    private static ModelDigest? Current(TempFolder home) => Directory.Exists(home.File("store")) ? new StoreReader(home.File("store")).Current : null;
}
