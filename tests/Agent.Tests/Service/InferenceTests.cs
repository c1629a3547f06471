using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Tensors;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Requests for inference in all their forms.</summary>
public sealed class InferenceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Npz_goes_in_and_comes_out()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        byte[] request = TrialModels.Npz(("x", [1, 2, 3, 4], [4]));
        HttpResponseMessage response = await PostAsync(client, request, Npz.MediaType);
        Assert.Equal(Npz.MediaType, response.Content.Headers.ContentType!.MediaType);
        JsonElement model = await client.GetFromJsonAsync<JsonElement>("/v1/model", Cancel);
        Assert.Equal(model.GetProperty("current").GetString(), response.Headers.GetValues("EdgePrune-Model").Single());
        using (NamedValues y = Npz.Read(new MemoryStream(await response.Content.ReadAsByteArrayAsync(Cancel)), 1000, "the answer"))
        {
            Assert.Equal(new float[] { 2, 4, 6, 8 }, y["y"].GetTensorDataAsSpan<float>().ToArray());
        }

        JsonElement mixed = await ServiceFixture.JsonAsync(await PostAsync(client, request, "application/json"));
        Assert.Equal("[2,4,6,8]", mixed.GetProperty("outputs").GetProperty("y").GetProperty("data").GetRawText());
        using var text = new StringContent("x");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await client.PostAsync("/v1/infer", text, Cancel)).StatusCode);
    }

    [Fact]
    public async Task Npz_that_makes_no_sense_is_refused_and_the_next_one_is_answered()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("limits:inferenceBytes", "10000"));
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        byte[] good = TrialModels.Npz(("x", [1, 2, 3, 4], [4]));
        (byte[] Bytes, string Because)[] requests =
        [
            ([], "not a readable .npz"),
            ([.. new byte[500]], "not a readable .npz"),
            (good[..^30], "not a readable .npz"),
            (TrialModels.Npz(), "is missing"),
            (TrialModels.Npz(("z", [1], [1])), "no input 'z'"),
            (TrialModels.Npz(("x", [1, 2, 3], [3])), "dimension 0"),
            (TrialModels.Npz(("x", [1, 2, 3, 4], [2, 2])), "1 dimensions, not 2"),
            (Patched(good, "'<f4'", "'<f8'"), "fewer bytes"),
            (Patched(good, "'<f4'", "'|O4'"), "pickled"),
            (Patched(good, "(4,)", "(3,)"), "more bytes"),
            (Patched(good, "(4,), }   ", "(99999,), }"[..10]), ""),
        ];
        foreach ((byte[] bytes, string because) in requests)
        {
            HttpResponseMessage response = await PostAsync(client, bytes, Npz.MediaType);
            string text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.StatusCode == HttpStatusCode.UnprocessableEntity, $"{because}: {response.StatusCode} {text}");
            Assert.Contains(because, JsonDocument.Parse(text).RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        Assert.True((await PostAsync(client, good, Npz.MediaType)).IsSuccessStatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Several_inputs_go_at_once_also_where_the_model_takes_one(long batch)
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, TrialModels.Batched(2, batch)));
        float[] x = [.. Enumerable.Range(0, 12).Select(i => (float)i)];
        JsonElement answer = await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/infer", new { inputs = new { x = new { data = x, shape = new[] { 3, 4 } } } }, Cancel));
        JsonElement y = answer.GetProperty("outputs").GetProperty("y");
        Assert.Equal("[3,4]", y.GetProperty("shape").GetRawText());
        Assert.Equal(x.Select(v => 2 * v), y.GetProperty("data").EnumerateArray().Select(v => v.GetSingle()));
    }

    [Fact]
    public async Task More_than_can_wait_is_turned_away_with_a_time_to_come_back()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: [("inference:concurrency", "1"), ("inference:queue", "1")]);
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, TrialModels.Endless()));
        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => ServiceFixture.InferAsync(client, 1, 2, 3, 100_000)));
        Assert.All(responses, r => Assert.True(r.IsSuccessStatusCode || r.StatusCode == HttpStatusCode.ServiceUnavailable, $"{r.StatusCode}"));
        Assert.Contains(responses, r => r.IsSuccessStatusCode);
        HttpResponseMessage busy = responses.First(r => r.StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(1), busy.Headers.RetryAfter!.Delta);
        Assert.Equal("busy", (await busy.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("kind").GetString());
        Assert.Equal(new float[] { 2, 1, 1, 1 }, await ServiceFixture.AnswerAsync(client, 2, 1, 1, 1));
    }

    [Fact]
    public async Task A_run_that_takes_too_long_is_ended_and_the_next_one_is_answered()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("inference:deadlineSeconds", "1"));
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, TrialModels.Endless()));
        HttpResponseMessage late = await ServiceFixture.InferAsync(client, 1, 2, 3, 1e9f);
        Assert.Equal(HttpStatusCode.GatewayTimeout, late.StatusCode);
        Assert.Equal(new float[] { 1, 2, 3, 1 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 1));
        JsonElement stats = (await client.GetFromJsonAsync<JsonElement>("/v1/inference/stats", Cancel)).GetProperty("current");
        Assert.Equal((1, 1), (stats.GetProperty("requests").GetInt32(), stats.GetProperty("failures").GetInt32()));
    }

    [Fact]
    public async Task A_client_s_own_patience_counts_where_it_is_shorter()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, TrialModels.Endless()));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/infer") { Content = JsonContent.Create(new { inputs = new { x = new { shape = new[] { 4 }, data = new[] { 1, 2, 3, 1e9 } } } }) };
        request.Headers.Add("Prefer", "respond-async, wait=1");
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await client.SendAsync(request, Cancel)).StatusCode);
    }

    [Fact]
    public async Task Statistics_tell_of_the_current_model_and_the_one_before()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        JsonElement none = await client.GetFromJsonAsync<JsonElement>("/v1/inference/stats", Cancel);
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (none.GetProperty("current").ValueKind, none.GetProperty("previous").ValueKind));
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        for (int i = 0; i < 3; i++)
        {
            await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4);
        }

        string first = (await client.GetFromJsonAsync<JsonElement>("/v1/model", Cancel)).GetProperty("current").GetString()!;
        await ServiceFixture.DeployAsync(client, f.Bundle(2, ServiceFixture.Model(3), canaries: TrialModels.Canaries(3)));
        await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4);
        JsonElement stats = await client.GetFromJsonAsync<JsonElement>("/v1/inference/stats", Cancel);
        Assert.Equal((first, 3), (stats.GetProperty("previous").GetProperty("digest").GetString(), stats.GetProperty("previous").GetProperty("requests").GetInt32()));
        JsonElement current = stats.GetProperty("current");
        Assert.Equal(1, current.GetProperty("requests").GetInt32());
        Assert.Equal(5, current.GetProperty("canaries").GetProperty("passed").GetInt32());
        JsonElement latency = current.GetProperty("latency");
        Assert.InRange(latency.GetProperty("p50").GetDouble(), 1e-9, latency.GetProperty("p99").GetDouble());

        string canaries = current.GetProperty("canaries").GetRawText();
        await f.RestartAsync();
        stats = await f.Client(AgentRole.Infer).GetFromJsonAsync<JsonElement>("/v1/inference/stats", Cancel);
        Assert.Equal((0, canaries), (stats.GetProperty("current").GetProperty("requests").GetInt32(), stats.GetProperty("current").GetProperty("canaries").GetRawText()));
    }

    private static byte[] Patched(byte[] npz, string before, string after)
    {
        byte[] patched = [.. npz];
        int at = patched.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(before));
        Assert.True(at > 0);
        System.Text.Encoding.ASCII.GetBytes(after, patched.AsSpan(at, after.Length));
        return patched;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, byte[] body, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/infer") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(Npz.MediaType);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return await client.SendAsync(request, Cancel);
    }
}
