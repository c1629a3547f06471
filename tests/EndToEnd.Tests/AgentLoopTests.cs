using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using EdgePrune.Agent.Client;
using EdgePrune.Cli.Loop;
using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

/// <summary>The closed loop against a real agent in a process of its own, over loopback with mutual TLS.</summary>
public sealed class AgentLoopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_demo_starts_an_agent_runs_the_loop_against_it_signs_its_report_and_stops_it()
    {
        using var home = new TempFolder();

        CliProcess run = await CliProcess.Run(home, "demo", "--agent", "--folder", "demo", "--json");

        Assert.True(run.Code is 0 or 3, run.Error);
        JsonElement document = run.Document;
        Assert.Equal(run.Code == 0, document.GetProperty("verdict").GetString() == "committed");
        Assert.Contains(document.GetProperty("budget").GetString(), new[] { "met", "unreachable", "missed" });
        Assert.NotEqual(0, document.GetProperty("rounds").GetArrayLength());
        Assert.StartsWith("sha256:", document.GetProperty("deployed").GetProperty("digest").GetString(), StringComparison.Ordinal);
        var address = new Uri(document.GetProperty("agent").GetString()!);
        Assert.Equal("https", address.Scheme);
        using (var socket = new TcpClient())
        {
            await Assert.ThrowsAsync<SocketException>(async () => await socket.ConnectAsync(address.Host, address.Port, Cancel));
        }

        string[] verify = ["verify-report", "demo/loop.html", "--root", "demo/keys/root.json", "--json"];
        CliProcess whole = await CliProcess.Run(home, verify);
        Assert.True(whole.Code == 0, whole.Error);
        Assert.Equal(["loop.html", "loop.profile.json"], whole.Document.GetProperty("files").EnumerateArray().Select(f => f.GetString()));
        string profile = home.File("demo/loop.profile.json");
        await File.WriteAllTextAsync(profile, (await File.ReadAllTextAsync(profile, Cancel)).Replace("\"modelled\"", "\"measured\"", StringComparison.Ordinal), Cancel);
        CliProcess changed = await CliProcess.Run(home, verify);
        Assert.Equal(5, changed.Code);
        Assert.Contains("has changed since it was signed", changed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loop_that_is_killed_twice_goes_on_and_finds_its_model_on_probation()
    {
        using var home = new TempFolder();
        string place = home.File("site");
        Directory.CreateDirectory(place);
        using var board = DemoAgent.Start(place, Cancel);
        using var client = AgentClient.Open(board.Address, board.Keys);
        string[] args = ["loop", CliProcess.Sample("digits.onnx"), "-o", "pruned.onnx", "--seconds", "1", "--compare-seconds", "1", "--agent", board.Address, "--keys", board.Keys, "--json"];

        await KillWhenAsync(home, args, () => Task.FromResult(File.Exists(home.File("pruned.onnx.run/1-profile.json"))));
        byte[] profile = await File.ReadAllBytesAsync(home.File("pruned.onnx.run/1-profile.json"), Cancel);
        AgentDeployment? left = null;
        await KillWhenAsync(home, args, async () => (left = (await client.GetDeploymentsAsync(Cancel)).LastOrDefault(d => d.State == "probation" && d.Replaces is not null)) is not null);

        CliProcess resumed = await CliProcess.Run(home, args);

        Assert.True(resumed.Code is 0 or 3, resumed.Error);
        Assert.Contains("profile: finished already", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(profile, await File.ReadAllBytesAsync(home.File("pruned.onnx.run/1-profile.json"), Cancel));
        IReadOnlyList<AgentDeployment> all = await client.GetDeploymentsAsync(Cancel);
        Assert.Equal(2, all.Count); // the original and the candidate, which was found and not deployed again
        Assert.Equal(left!.Id, all[1].Id);
        Assert.Equal(resumed.Code == 0 ? "committed" : "rolled-back", all[1].State);
        Assert.Equal((await client.GetModelAsync(Cancel)).Current, resumed.Document.GetProperty("deployed").GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Without_an_agent_or_the_right_keys_nothing_is_begun()
    {
        using var home = new TempFolder();
        CliProcess none = await CliProcess.Run(home, "loop", CliProcess.Sample("digits.onnx"), "-o", "pruned.onnx", "--agent", "http://127.0.0.1:9", "--key", CliProcess.Sample("digits.onnx"), "--json");
        Assert.Equal(4, none.Code);
        Assert.Equal("device-unavailable", none.Document.GetProperty("error").GetProperty("kind").GetString());
        CliProcess mixed = await CliProcess.Run(home, "loop", CliProcess.Sample("digits.onnx"), "--agent", "https://127.0.0.1:9", "--device", "host", "--json");
        Assert.Equal(2, mixed.Code);
        Assert.False(Directory.Exists(home.File("pruned.onnx.run")));
    }

    private static async Task KillWhenAsync(TempFolder home, string[] args, Func<Task<bool>> reached)
    {
        using Process process = CliProcess.Start(home, args);
        Task<string> error = process.StandardError.ReadToEndAsync(Cancel);
        _ = process.StandardOutput.ReadToEndAsync(Cancel);
        while (!await reached())
        {
            if (process.HasExited)
            {
                Assert.Fail($"it ended with {process.ExitCode}: " + await error);
            }

            await Task.Delay(50, Cancel);
        }

        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(Cancel);
    }
}
