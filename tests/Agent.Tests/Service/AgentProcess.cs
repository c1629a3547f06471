using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using EdgePrune.Agent.Tests.Operations;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>The real program, in a process of its own, on the folder of a fixture whose own service has stopped. Plain HTTP.</summary>
internal sealed class AgentProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> errors;

    private AgentProcess(Process process, Uri address, Task<string> errors)
    {
        this.process = process;
        this.errors = errors;
        Client = new HttpClient { BaseAddress = address };
    }

    public HttpClient Client { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="fixture">Whose data, root and settings.</param>
    /// <param name="wrapper">A program and its arguments that start what follows them; empty: none.</param>
    /// <param name="settings">Settings besides the fixture's.</param>
    public static async Task<AgentProcess> StartAsync(ServiceFixture fixture, string[]? wrapper = null, params (string Key, string Value)[] settings)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = new Uri($"http://{probe.LocalEndpoint}");
        probe.Stop();
        string[] line = [.. wrapper ?? [], .. AgentFolder.CommandLine];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardError = true, RedirectStandardOutput = true };
        IEnumerable<(string, string?)> all = fixture.Settings.Where(s => !s.Key.StartsWith("tls", StringComparison.Ordinal)).Select(s => (s.Key, s.Value));
        foreach ((string key, string? value) in all.Concat(settings.Select(s => (s.Key, (string?)s.Value))).Append(("listen", address.ToString().TrimEnd('/'))))
        {
            start.Environment["EDGEPRUNE_AGENT_" + key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()] = value;
        }

        Process process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync(Cancel);
        var agent = new AgentProcess(process, address, process.StandardError.ReadToEndAsync(Cancel));
        await agent.WaitAsync();
        return agent;
    }

    public async Task<JsonElement> HealthAsync()
    {
        HttpResponseMessage response = await Client.GetAsync("/health", Cancel);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    /// <summary>As a crash does: no handler runs, nothing is flushed.</summary>
    public void Kill()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }

        Client.Dispose();
        process.Dispose();
    }

    private async Task WaitAsync()
    {
        while (true)
        {
            Assert.False(process.HasExited, process.HasExited ? await errors : "");
            try
            {
                await Client.GetAsync("/health", Cancel);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(20, Cancel);
            }
        }
    }
}
