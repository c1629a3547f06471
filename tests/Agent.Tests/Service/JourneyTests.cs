using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Signing;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Models on their way through the service, over real sockets.</summary>
public sealed class JourneyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_goes_up_in_pieces_serves_on_probation_is_kept_and_goes_back()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(realPreflight: true);
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ServiceFixture.InferAsync(client, 1, 2, 3, 4)).StatusCode);

        byte[] bundle = f.Bundle(1, 2);
        JsonElement upload = await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/uploads", new { size = bundle.Length }, Cancel));
        string name = upload.GetProperty("id").GetString()!;
        await ServiceFixture.JsonAsync(await ServiceFixture.PatchAsync(client, name, 0, bundle[..1000]));
        HttpResponseMessage early = await client.PostAsJsonAsync("/v1/deployments", new { upload = name }, Cancel);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, early.StatusCode);
        await f.RestartAsync(); // what has come stays
        client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        Assert.Equal(1000, (await client.GetFromJsonAsync<JsonElement>($"/v1/uploads/{name}", Cancel)).GetProperty("offset").GetInt64());
        await ServiceFixture.JsonAsync(await ServiceFixture.PatchAsync(client, name, 1000, bundle[1000..]));

        JsonElement deployment = await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/deployments", new { upload = name, note = "first", wait = "decide" }, Cancel));
        Assert.Equal("probation", deployment.GetProperty("state").GetString());
        Assert.Equal("bundle default version 1: first", deployment.GetProperty("note").GetString());
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/v1/uploads/{name}", Cancel)).StatusCode);
        await ServiceFixture.JsonAsync(await client.PostAsync($"/v1/deployments/{deployment.GetProperty("id").GetString()}/commit", null, Cancel));

        string second = await ServiceFixture.DeployAsync(client, f.Bundle(2, 3), commit: false);
        Assert.Equal(new float[] { 3, 6, 9, 12 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
        JsonElement back = await ServiceFixture.JsonAsync(await client.PostAsJsonAsync($"/v1/deployments/{second}/rollback", new { reason = "worse" }, Cancel));
        Assert.Equal("rolled-back", back.GetProperty("state").GetString());
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));

        await ServiceFixture.DeployAsync(client, f.Bundle(3, 4));
        JsonElement model = await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/rollback", new { reason = "asked" }, Cancel));
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
        Assert.Equal(JsonValueKind.Null, model.GetProperty("previous").ValueKind);
        JsonElement history = await client.GetFromJsonAsync<JsonElement>("/v1/deployments", Cancel);
        Assert.Equal(["committed", "rolled-back", "rolled-back"], history.EnumerateArray().Select(d => d.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task A_restart_serves_what_was_committed_and_undoes_what_was_not()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        await f.RestartAsync();
        client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(client, 1, 1, 1, 1));
        await ServiceFixture.DeployAsync(client, f.Bundle(2, 5), commit: false);
        await f.RestartAsync();
        client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(client, 1, 1, 1, 1));
    }

    [Fact]
    public async Task A_model_that_nobody_decides_about_goes_back()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("probationSeconds", "1"));
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        string id = await ServiceFixture.DeployAsync(client, f.Bundle(2, 5), commit: false);
        JsonElement deployment;
        do
        {
            await Task.Delay(50, Cancel);
            deployment = await client.GetFromJsonAsync<JsonElement>($"/v1/deployments/{id}", Cancel);
        }
        while (deployment.GetProperty("state").GetString() == "probation");
        Assert.Equal("rolled-back", deployment.GetProperty("state").GetString());
        Assert.Contains("nobody decided", deployment.GetProperty("steps").EnumerateArray().Last().GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(client, 1, 1, 1, 1));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await client.PostAsync($"/v1/deployments/{id}/commit", null, Cancel)).StatusCode);
    }

    [Fact]
    public async Task What_is_refused_changes_nothing()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(realPreflight: true);
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(5, 2));
        using var stranger = SigningKey.Create();
        (byte[] Bundle, string Because)[] refused =
        [
            ([.. new byte[2000]], "this is no bundle"),
            (f.Bundle(6, 3, stranger), "0 of the 1 keys"),
            (f.Bundle(4, 3), "does not go back"),
            (f.Bundle(6, [1, 2, 3]), "the model of the bundle"),
            (f.Bundle(7, ServiceFixture.Model(1, "NoSuchOperator")), "the preflight refused the model"),
        ];
        foreach ((byte[] bundle, string because) in refused)
        {
            HttpResponseMessage response = await ServiceFixture.TryDeployAsync(client, bundle);
            string text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
            Assert.Contains(because, text, StringComparison.Ordinal);
            Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(client, 1, 1, 1, 1));
            Directory.GetFiles(Path.Combine(f.Data, "uploads")).ToList().ForEach(File.Delete);
        }

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(f.Data, "incoming")));
    }

    [Fact]
    public async Task No_request_is_dropped_or_answered_wrongly_while_models_are_switched()
    {
        const int switches = 30;
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient deployer = f.Client(AgentRole.Deploy);
        await ServiceFixture.DeployAsync(deployer, f.Bundle(1, 1));
        using var stop = new CancellationTokenSource();
        int answered = 0;
        Task[] load = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            HttpClient client = f.Client(AgentRole.Infer);
            while (!stop.IsCancellationRequested)
            {
                float[] y = await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4);
                Assert.Contains(y[0], new float[] { 1, 2 });
                Assert.Equal(new float[] { y[0], 2 * y[0], 3 * y[0], 4 * y[0] }, y);
                Interlocked.Increment(ref answered);
            }
        }, Cancel))];
        for (int i = 1; i <= switches; i++)
        {
            await ServiceFixture.DeployAsync(deployer, f.Bundle(1 + i, 1 + (i % 2)));
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.True(answered > switches, $"{answered} answers");
    }
}
