using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Tests.Service;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>A service with a good model for the transport faults, and what each of them looks at.</summary>
internal static class TransportStage
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<(ServiceFixture Fixture, HttpClient Client)> StartAsync(params (string, string)[] settings)
    {
        ServiceFixture f = await ServiceFixture.StartAsync(settings: settings);
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer, AgentRole.Measure);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        return (f, client);
    }

    public static async Task AssertServes(HttpClient client, float factor = 2) =>
        Assert.Equal(new float[] { factor, 2 * factor, 3 * factor, 4 * factor }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));

    public static async Task<string> CreateAsync(HttpClient client, long size) =>
        (await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/uploads", new { size }, Cancel))).GetProperty("id").GetString()!;

    public static async Task<long> OffsetAsync(HttpClient client, string id) =>
        (await client.GetFromJsonAsync<JsonElement>($"/v1/uploads/{id}", Cancel)).GetProperty("offset").GetInt64();

    public static string Patch(string id, long offset, string length) =>
        $"PATCH /v1/uploads/{id} HTTP/1.1\r\nHost: x\r\nUpload-Offset: {offset}\r\n{length}\r\n\r\n";

    public static async Task RefusedAsync(HttpResponseMessage response, int status, string because)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(because, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }
}
