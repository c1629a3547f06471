using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Tests.Service;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>An agent with a good model (y = 2x) in service, on which one bad model after the other is tried.</summary>
internal sealed class TriedAgent
{
    private readonly Dictionary<string, string> acknowledged = new(StringComparer.Ordinal);
    private long version = 1;

    private TriedAgent(ServiceFixture fixture) => Fixture = fixture;

    public ServiceFixture Fixture { get; }

    public HttpClient Client { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="realPreflight">Whether bad models meet a child process first.</param>
    /// <param name="settings">Settings besides those that every test needs.</param>
    public static async Task<TriedAgent> StartAsync(bool realPreflight = false, params (string Key, string Value)[] settings)
    {
        var agent = new TriedAgent(await ServiceFixture.StartAsync(settings: settings));
        agent.Connect();
        agent.acknowledged[await ServiceFixture.DeployAsync(agent.Client, agent.Fixture.Bundle(1, 2))] = "committed";
        if (realPreflight)
        {
            await agent.RestartAsync(realPreflight: true);
        }

        return agent;
    }

    /// <summary>Stops it and starts it again on the same folder.</summary>
    public async Task RestartAsync(bool realPreflight = false)
    {
        await Fixture.RestartAsync(realPreflight);
        Connect();
    }

    public byte[] Bundle(byte[] model, BundleGates? gates = null, byte[]? canaries = null) =>
        Fixture.Bundle(Interlocked.Increment(ref version), model, gates: gates, canaries: canaries);

    /// <summary>Deploys a model that must be refused before it serves.</summary>
    /// <returns>Why.</returns>
    public async Task<string> RefusedAsync(byte[] model, BundleGates? gates = null, byte[]? canaries = null)
    {
        HttpResponseMessage response = await ServiceFixture.TryDeployAsync(Client, Bundle(model, gates, canaries), "agent");
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.UnprocessableEntity, text);
        Directory.GetFiles(Path.Combine(Fixture.Data, "uploads")).ToList().ForEach(File.Delete);
        JsonElement last = (await DeploymentsAsync())[^1];
        acknowledged[last.GetProperty("id").GetString()!] = "refused";
        await AssertOldServesAsync();
        return JsonDocument.Parse(text).RootElement.GetProperty("message").GetString()!;
    }

    /// <summary>Deploys a model that must serve on probation and go back from there.</summary>
    /// <param name="bundle">From <see cref="Bundle"/>.</param>
    /// <param name="wait">Who decides.</param>
    /// <param name="meanwhile">What happens while it serves.</param>
    /// <returns>The reasons of the verdict.</returns>
    public async Task<string> GoesBackAsync(byte[] bundle, string wait = "agent", Func<Task>? meanwhile = null)
    {
        string id = (await ServiceFixture.JsonAsync(await ServiceFixture.TryDeployAsync(Client, bundle, wait))).GetProperty("id").GetString()!;
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        JsonElement decided = await ServiceFixture.DecidedAsync(Client, id);
        Assert.True(decided.GetProperty("state").GetString() == "rolled-back", decided.ToString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Client.PostAsync($"/v1/deployments/{id}/commit", null, Cancel)).StatusCode);
        acknowledged[id] = "rolled-back";
        await AssertOldServesAsync();
        return string.Join("; ", decided.GetProperty("verdict").GetProperty("reasons").EnumerateArray().Select(r => r.GetString()));
    }

    /// <summary>The good model serves, whole, in the store and over the network, and every end that was told is still told.</summary>
    public async Task AssertOldServesAsync()
    {
        Invariant.AssertServes(Path.Combine(Fixture.Data, "store"), ModelDigest.FromHash(SHA256.HashData(ServiceFixture.Model(2))));
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(Client, 1, 2, 3, 4));
        Assert.Equal("ok", (await Client.GetFromJsonAsync<JsonElement>("/health", Cancel)).GetProperty("status").GetString());
        Dictionary<string, string> told = (await DeploymentsAsync()).ToDictionary(d => d.GetProperty("id").GetString()!, d => d.GetProperty("state").GetString()!);
        Assert.All(acknowledged, a => Assert.Equal(a.Value, told.GetValueOrDefault(a.Key)));
    }

    private void Connect() => Client = Fixture.Client(AgentRole.Deploy, AgentRole.Infer);

    private async Task<JsonElement[]> DeploymentsAsync() => [.. (await Client.GetFromJsonAsync<JsonElement>("/v1/deployments", Cancel)).EnumerateArray()];
}
