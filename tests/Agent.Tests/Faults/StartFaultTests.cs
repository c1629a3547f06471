using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Tests.Service;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>A service that starts on a store in which the disk has lost a model.</summary>
public sealed class StartFaultTests
{
    private static readonly Action<string> Damaged = HostileStoreTests.Damage;
    private static readonly Action<string> Missing = File.Delete;

    internal static FaultSection Section { get; } = new(
        "Starts with a damaged model",
        typeof(StartFaultTests),
        "Three models have been deployed one after the other, and for some of these a fourth is on probation; then the disk loses models and "
            + "the service starts again. What serves is whole, the health says what is wrong, and a good model can be deployed.",
        [
            new("start: the current model is damaged", "the one before serves; the journal says why", () => BeforeServes(Damaged)),
            new("start: the current model is missing", "the one before serves; the journal says why", () => BeforeServes(Missing)),
            new("start: the current model is a link", "not followed; the one before serves; the journal says why", () => BeforeServes(Linked)),
            new("start: the current model is damaged, on a disk that is read-only", "the one before serves; nothing can be recorded, and that is said", ReadOnly),
            new("start: the current model and the one before are damaged", "nothing serves, and that is said", () => NothingServes(Damaged)),
            new("start: the current model and the one before are missing", "nothing serves, and that is said", () => NothingServes(Missing)),
            new("start: the one before is damaged", "the current one serves; there is nothing to go back to", PreviousDamaged),
            new("start: on probation, the model before is damaged", "the one before that serves", () => OnProbation(Damaged)),
            new("start: on probation, the model before is missing", "the one before that serves", () => OnProbation(Missing)),
            new("start: on probation, every other model is damaged", "the new one is kept: it is the only whole one", AllBehindDamaged),
            new("rolled back from probation, the model before is damaged", "the one before that serves", RolledBack),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Start_fault(string fault) => Section.RunAsync(fault);

    private static async Task BeforeServes(Action<string> lose)
    {
        await using ServiceFixture f = await WithHistoryAsync();
        lose(PathOf(f, 4));
        await f.RestartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await AssertServesAsync(f, client, 3);
        Assert.Contains("was rolled back, because it is damaged", await HealthAsync(client), StringComparison.Ordinal);
        JsonElement last = (await client.GetFromJsonAsync<JsonElement>("/v1/deployments", Cancel)).EnumerateArray().Last();
        Assert.Equal("rolled-back", last.GetProperty("state").GetString());
        Assert.Contains("damaged when the service started", last.GetProperty("steps").EnumerateArray().Last().GetProperty("reason").GetString(), StringComparison.Ordinal);

        // Once it is known it is not looked for again, and the same model can come again.
        await f.RestartAsync();
        client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        Assert.Equal("", await HealthAsync(client));
        await AssertServesAsync(f, client, 3);
        await ServiceFixture.DeployAsync(client, f.Bundle(4, 4));
        await AssertServesAsync(f, client, 4);
    }

    private static async Task ReadOnly()
    {
        await using ServiceFixture f = await WithHistoryAsync();
        Assert.SkipUnless(OperatingSystem.IsLinux() && ReadOnlyFolderTests.CanMount(f.Data), "needs the right to mount in a namespace of its own");
        await f.StopAsync();
        Damaged(PathOf(f, 4));
        using AgentProcess agent = await AgentProcess.StartAsync(f, [.. ReadOnlyFolderTests.ReadOnly, f.Data]);
        Assert.Equal(new float[] { 3, 6, 9, 12 }, await ServiceFixture.AnswerAsync(agent.Client, 1, 2, 3, 4));
        string health = await HealthAsync(agent.Client);
        Assert.Contains("could not be recorded", health, StringComparison.Ordinal);
        Assert.Contains("cannot be written", health, StringComparison.Ordinal);
    }

    private static async Task NothingServes(Action<string> lose)
    {
        await using ServiceFixture f = await WithHistoryAsync();
        lose(PathOf(f, 4));
        lose(PathOf(f, 3));
        await f.RestartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health", Cancel)).StatusCode);
        Assert.Contains("deploy a good model", await HealthAsync(client), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ServiceFixture.InferAsync(client, 1, 1, 1, 1)).StatusCode);
        await ServiceFixture.DeployAsync(client, f.Bundle(4, 5));
        await AssertServesAsync(f, client, 5);
        Assert.Equal("", await HealthAsync(client));
    }

    private static async Task PreviousDamaged()
    {
        await using ServiceFixture f = await WithHistoryAsync();
        Damaged(PathOf(f, 3));
        await f.RestartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        HttpResponseMessage refused = await client.PostAsJsonAsync("/v1/rollback", new { reason = "worse" }, Cancel);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("damaged or missing", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        await AssertServesAsync(f, client, 4);
    }

    private static async Task OnProbation(Action<string> lose)
    {
        await using ServiceFixture f = await WithHistoryAsync();
        string id = await BeginAsync(f);
        lose(PathOf(f, 4));
        await f.RestartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await AssertServesAsync(f, client, 3);
        await AssertEndedAsync(client, id, "rolled-back", "interrupted; the model before it");
    }

    private static async Task AllBehindDamaged()
    {
        await using ServiceFixture f = await WithHistoryAsync();
        string id = await BeginAsync(f);
        Damaged(PathOf(f, 4));
        Damaged(PathOf(f, 3));
        await f.RestartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await AssertServesAsync(f, client, 5);
        await AssertEndedAsync(client, id, "committed", "there is no other");
    }

    private static async Task RolledBack()
    {
        await using ServiceFixture f = await WithHistoryAsync();
        string id = await BeginAsync(f);
        Damaged(PathOf(f, 4));
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.JsonAsync(await client.PostAsJsonAsync($"/v1/deployments/{id}/rollback", new { reason = "worse" }, Cancel));
        await AssertServesAsync(f, client, 3);
        await AssertEndedAsync(client, id, "rolled-back", "worse; the model before it");
    }

    // y = 2x, then 3x, then 4x.
    private static async Task<ServiceFixture> WithHistoryAsync()
    {
        ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy);
        for (int version = 1; version <= 3; version++)
        {
            await ServiceFixture.DeployAsync(client, f.Bundle(version, version + 1));
        }

        return f;
    }

    private static async Task<string> BeginAsync(ServiceFixture f) =>
        await ServiceFixture.DeployAsync(f.Client(AgentRole.Deploy), f.Bundle(4, ServiceFixture.Model(5), gates: new BundleGates { ProbationSeconds = 600 }), commit: false);

    private static ModelDigest DigestOf(float factor) => ModelDigest.FromHash(SHA256.HashData(ServiceFixture.Model(factor)));

    private static string PathOf(ServiceFixture f, float factor) => new StoreReader(Path.Combine(f.Data, "store")).PathOf(DigestOf(factor));

    private static void Linked(string path)
    {
        string elsewhere = Path.Combine(Path.GetDirectoryName(path)!, "..", "elsewhere");
        File.Move(path, elsewhere);
        File.CreateSymbolicLink(path, elsewhere);
    }

    private static async Task AssertServesAsync(ServiceFixture f, HttpClient client, float factor)
    {
        Invariant.AssertServes(Path.Combine(f.Data, "store"), DigestOf(factor));
        Assert.Equal(new float[] { factor, 2 * factor, 3 * factor, 4 * factor }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
    }

    private static async Task AssertEndedAsync(HttpClient client, string id, string state, string reason)
    {
        JsonElement ended = await client.GetFromJsonAsync<JsonElement>($"/v1/deployments/{id}", Cancel);
        Assert.Equal(state, ended.GetProperty("state").GetString());
        Assert.Contains(reason, ended.GetProperty("steps").EnumerateArray().Last().GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    private static async Task<string> HealthAsync(HttpClient client)
    {
        using HttpResponseMessage response = await client.GetAsync("/health", Cancel);
        JsonElement health = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return string.Join("; ", health.GetProperty("reasons").EnumerateArray().Select(r => r.GetString()));
    }
}
