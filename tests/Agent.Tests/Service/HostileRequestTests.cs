using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EdgePrune.Agent.Certificates;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Requests by clients that may be there and still send what they should not.</summary>
public sealed class HostileRequestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_keep_to_their_size_their_place_and_their_names()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("limits:bundleBytes", "1000"));
        HttpClient client = f.Client(AgentRole.Deploy);
        foreach (long size in (long[])[0, -1, 1001, long.MaxValue])
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await client.PostAsJsonAsync("/v1/uploads", new { size }, Cancel)).StatusCode);
        }

        JsonElement upload = await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/uploads", new { size = 100 }, Cancel));
        string id = upload.GetProperty("id").GetString()!;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ServiceFixture.PatchAsync(client, id, 1, new byte[10])).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ServiceFixture.PatchAsync(client, id, 0, new byte[101])).StatusCode);
        Assert.False(await ServiceFixture.TryPatchAsync(client, id, 0, new byte[100_000]));
        await ServiceFixture.JsonAsync(await ServiceFixture.PatchAsync(client, id, 0, new byte[100]));
        foreach (string name in (string[])["..", "%2e%2e%2froot.json", "*", new string('0', 32), id[..31], id.ToUpperInvariant() + "x"])
        {
            Assert.False((await client.GetAsync($"/v1/uploads/{name}", Cancel)).IsSuccessStatusCode);
            Assert.False((await client.DeleteAsync($"/v1/uploads/{name}", Cancel)).IsSuccessStatusCode);
        }

        for (int i = 1; i < 4; i++)
        {
            await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/uploads", new { size = 1 }, Cancel));
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await client.PostAsJsonAsync("/v1/uploads", new { size = 1 }, Cancel)).StatusCode);
        Assert.True((await client.DeleteAsync($"/v1/uploads/{id}", Cancel)).IsSuccessStatusCode);
        await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/uploads", new { size = 1 }, Cancel));
    }

    [Fact]
    public async Task Requests_for_inference_that_make_no_sense_are_refused_and_the_next_one_is_answered()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("limits:inferenceBytes", "10000"));
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        (string Text, string Because)[] requests =
        [
            ("", "JSON"),
            ("[1, 2]", "the request is not"),
            ("{\"inputs\": 3}", "the request is not"),
            (new string('[', 5000), "JSON"),
            (Inputs(""), "is missing"),
            (Inputs("\"z\": {}"), "no input 'z'"),
            (Inputs("\"x\": []"), "is not {"),
            (Inputs("\"x\": {\"shape\": [4], \"data\": [1, 2, 3]}"), "3 numbers"),
            (Inputs("\"x\": {\"shape\": [3], \"data\": [1, 2, 3]}"), "dimension 0"),
            (Inputs("\"x\": {\"shape\": [2, 2], \"data\": [1, 2, 3, 4]}"), "1 dimensions, not 2"),
            (Inputs("\"x\": {\"shape\": [-4], \"data\": [1, 2, 3, 4]}"), "dimension 0"),
            (Inputs("\"x\": {\"shape\": [4.5], \"data\": [1, 2, 3, 4]}"), "dimension 0"),
            (Inputs("\"x\": {\"shape\": [4], \"data\": [1, 2, 3, \"four\"]}"), "a text where a number belongs"),
            (Inputs("\"x\": {\"shape\": [4], \"data\": [1, 2, 3, null]}"), "not of its type"),
            (Inputs("\"x\": {\"shape\": [4], \"data\": [" + string.Join(", ", Enumerable.Repeat("1", 5000)) + "]}"), "too large"),
        ];
        foreach ((string text, string because) in requests)
        {
            using var content = new StringContent(text, Encoding.UTF8, "application/json");
            HttpResponseMessage response = await client.PostAsync("/v1/infer", content, Cancel);
            Assert.InRange((int)response.StatusCode, 400, 499);
            Assert.Contains(because, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        using var infinite = new StringContent(Inputs("\"x\": {\"shape\": [4], \"data\": [1, \"NaN\", \"-Infinity\", 3e38]}"), Encoding.UTF8, "application/json");
        JsonElement answer = await ServiceFixture.JsonAsync(await client.PostAsync("/v1/infer", infinite, Cancel));
        Assert.Equal("[2,\"NaN\",\"-Infinity\",\"Infinity\"]", answer.GetProperty("outputs").GetProperty("y").GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task A_body_that_is_too_large_for_its_endpoint_is_refused()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy);
        using var large = new StringContent("{\"reason\": \"" + new string('x', 100_000) + "\"}", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await client.PostAsync("/v1/rollback", large, Cancel)).StatusCode);
        using var root = new ByteArrayContent(new byte[300_000]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await client.PutAsync("/v1/trust/root", root, Cancel)).StatusCode);
        HttpResponseMessage note = await client.PostAsJsonAsync("/v1/rollback", new { reason = new string('x', 501) }, Cancel);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, note.StatusCode);
    }

    private static string Inputs(string members) => "{\"inputs\": {" + members + "}}";
}
