using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Tests.Operations;
using EdgePrune.Agent.Tests.Service;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests.Fleet;

/// <summary>What the controller wants of a device, and what becomes of it.</summary>
public sealed class DesiredStateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wish_is_fetched_tried_on_probation_and_its_end_is_told()
    {
        await using FleetFixture f = await FleetFixture.StartAsync();
        HttpClient people = f.Operator(AgentRole.Deploy);
        Assert.Equal(1, await FleetFixture.WantAsync(people, f.Agent.Bundle(1, 2)));
        JsonElement probation = await f.ResultAsync(1, "probation");
        string id = probation.GetProperty("device").GetProperty("result").GetProperty("deployment").GetString()!;
        HttpClient client = f.Through(AgentRole.Deploy, AgentRole.Infer);
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
        await ServiceFixture.JsonAsync(await client.PostAsync($"/v1/deployments/{id}/commit", null, Cancel));
        await f.ResultAsync(1, "committed");

        // Signed by somebody else: the controller does not judge, the device does.
        using var stranger = SigningKey.Create();
        await FleetFixture.WantAsync(people, f.Agent.Bundle(2, 3, stranger));
        JsonElement refused = await f.ResultAsync(2, "refused");
        Assert.Contains("0 of the 1 keys", refused.GetProperty("device").GetProperty("result").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));

        // Who has not seen the newest wish does not overwrite it.
        string bundle = refused.GetProperty("device").GetProperty("desired").GetProperty("bundle").GetString()!;
        using HttpResponseMessage late = await people.PutAsJsonAsync($"/v1/devices/{FleetFixture.Device}/desired", new { bundle, after = 1 }, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await people.PutAsJsonAsync($"/v1/devices/{FleetFixture.Device}/desired", new { bundle = new string('0', 64) }, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await people.PutAsJsonAsync("/v1/devices/nobody/desired", new { bundle }, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await f.Operator(AgentRole.Measure).PutAsJsonAsync($"/v1/devices/{FleetFixture.Device}/desired", new { bundle }, Cancel)).StatusCode);

        await FleetFixture.WantAsync(people, f.Agent.Bundle(3, 5));
        JsonElement third = await f.ResultAsync(3, "probation");
        id = third.GetProperty("device").GetProperty("result").GetProperty("deployment").GetString()!;
        await ServiceFixture.JsonAsync(await client.PostAsJsonAsync($"/v1/deployments/{id}/rollback", new { reason = "worse" }, Cancel));
        JsonElement back = await f.ResultAsync(3, "rolled-back");
        Assert.Equal("worse", back.GetProperty("device").GetProperty("result").GetProperty("reason").GetString());
        await f.Agent.RestartAsync(); // what was rolled back is not tried again
        await f.ConnectedAsync();
        await Task.Delay(1500, Cancel);
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(f.Agent.Client(AgentRole.Infer), 1, 2, 3, 4));
    }

    [Fact]
    public async Task Where_gates_were_signed_with_the_bundle_the_agent_decides_by_itself()
    {
        await using FleetFixture f = await FleetFixture.StartAsync();
        HttpClient people = f.Operator(AgentRole.Deploy);
        var gates = new BundleGates { ProbationRequests = 40, MinRequests = 20, ProbationSeconds = 60 };
        await FleetFixture.WantAsync(people, f.Agent.Bundle(1, ServiceFixture.Model(2), gates: gates, canaries: TrialModels.Canaries(2)));
        await f.ResultAsync(1, "committed");

        await FleetFixture.WantAsync(people, f.Agent.Bundle(2, TrialModels.Slow(2), gates: gates));
        JsonElement slower = await f.ResultAsync(2, "rolled-back");
        Assert.Contains("not certainly lower", slower.GetProperty("device").GetProperty("result").GetProperty("reason").GetString(), StringComparison.Ordinal);

        await FleetFixture.WantAsync(people, f.Agent.Bundle(3, ServiceFixture.Model(3), gates: gates, canaries: TrialModels.Canaries(2)));
        JsonElement wrong = await f.ResultAsync(3, "refused");
        Assert.Contains("0 of 5 canaries", wrong.GetProperty("device").GetProperty("result").GetProperty("reason").GetString(), StringComparison.Ordinal);

        await FleetFixture.WantAsync(people, f.Agent.Bundle(4, TrialModels.Slow(2), gates: gates with { MaxLatencyRatio = 1000 }));
        await f.ResultAsync(4, "committed");
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(f.Through(AgentRole.Infer), 1, 2, 3, 4));
    }

    [Fact]
    public async Task A_controller_that_was_away_knows_all_again_and_a_wish_made_while_the_agent_was_away_is_fulfilled()
    {
        await using FleetFixture f = await FleetFixture.StartAsync();
        await FleetFixture.WantAsync(f.Operator(AgentRole.Deploy), f.Agent.Bundle(1, 2));
        long before = (await f.ResultAsync(1, "probation")).GetProperty("device").GetProperty("token").GetInt64();
        await f.StopControllerAsync();
        await f.StartControllerAsync();
        JsonElement after = await f.ResultAsync(1, "probation");
        Assert.Equal(1, after.GetProperty("device").GetProperty("desired").GetProperty("revision").GetInt64());
        await f.ConnectedAsync();
        Assert.True((await f.ResultAsync(1, "probation")).GetProperty("device").GetProperty("token").GetInt64() > before);

        string[] keys = [.. f.Agent.Settings.Keys.Where(k => k.StartsWith("controller:", StringComparison.Ordinal))];
        Dictionary<string, string?> kept = keys.ToDictionary(k => k, k => f.Agent.Settings[k]);
        Array.ForEach(keys, k => f.Agent.Settings.Remove(k));
        await f.Agent.RestartAsync();
        await f.UntilAsync(d => !d.GetProperty("connected").GetBoolean());
        await FleetFixture.WantAsync(f.Operator(AgentRole.Deploy), f.Agent.Bundle(2, 7));
        foreach ((string key, string? value) in kept)
        {
            f.Agent.Settings[key] = value;
        }

        await f.Agent.RestartAsync();
        await f.ResultAsync(2, "probation");
        Assert.Equal(new float[] { 7, 14, 21, 28 }, await ServiceFixture.AnswerAsync(f.Through(AgentRole.Infer), 1, 2, 3, 4));
    }

    [Fact]
    public async Task A_token_that_is_not_the_newest_counts_for_nothing()
    {
        await using FleetFixture f = await FleetFixture.StartAsync(dial: false);
        HttpClient device = f.ClientWith(f.Agent.Authority.IssueClient(FleetFixture.Device, [AgentRole.Device], TimeSpan.FromHours(1)), "");
        long first = await LeaseAsync(device);
        await FleetFixture.WantAsync(f.Operator(AgentRole.Deploy), f.Agent.Bundle(1, 2));
        long second = await LeaseAsync(device);
        Assert.True(second > first);
        object report = new { revision = 1, state = "committed" };
        Assert.Equal(HttpStatusCode.Conflict, await SendAsync(device, HttpMethod.Post, "/v1/agent/results", first, report));
        Assert.Equal(HttpStatusCode.Conflict, await SendAsync(device, HttpMethod.Get, "/v1/agent/desired?after=0", first, null));
        Assert.Equal(HttpStatusCode.Conflict, await SendAsync(device, HttpMethod.Get, "/v1/agent/connect", first, null));
        Assert.Equal(HttpStatusCode.Conflict, await SendAsync(device, HttpMethod.Get, "/v1/agent/bundles/" + new string('0', 64), first, null));
        Assert.Equal(HttpStatusCode.Conflict, await SendAsync(device, HttpMethod.Post, "/v1/agent/results", second + 1, report));
        Assert.Equal(JsonValueKind.Null, (await f.UntilAsync(_ => true)).GetProperty("device").GetProperty("result").ValueKind);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await SendAsync(device, HttpMethod.Post, "/v1/agent/results", second, new { revision = 9, state = "committed" }));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(device, HttpMethod.Post, "/v1/agent/results", second, report));
        await f.ResultAsync(1, "committed");

        // Those who ask are no devices, and a device speaks for itself only.
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(f.Operator(AgentRole.Deploy), HttpMethod.Post, "/v1/agent/results", second, report));
        HttpClient other = f.ClientWith(f.Agent.Authority.IssueClient("camera-4", [AgentRole.Device], TimeSpan.FromHours(1)), "");
        Assert.Equal(HttpStatusCode.Conflict, await SendAsync(other, HttpMethod.Post, "/v1/agent/results", second, report));
    }

    [Fact]
    public async Task An_agent_killed_in_the_middle_of_it_does_it_again_and_tells()
    {
        await using FleetFixture f = await FleetFixture.StartAsync(dial: false);
        using var temp = new TempFolder();
        string config = temp.File("agent.json");
        // The keys that the fixture's bundles are signed with.
        File.Copy(f.Agent.Settings["root"]!, temp.File("root.json"));
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["listen"] = "http://127.0.0.1:0",
            ["data"] = "data",
            ["root"] = "root.json",
            ["deviceClass"] = ServiceFixture.DeviceClass,
            ["controller"] = f.DialSettings().ToDictionary(s => s.Key["controller:".Length..], s => s.Value),
        }), Cancel);
        Process agent = Start(config);
        try
        {
            await f.ConnectedAsync();
            await FleetFixture.WantAsync(f.Operator(AgentRole.Deploy), f.Agent.Bundle(1, 2));
            JsonElement first = await f.ResultAsync(1, "probation");
            agent.Kill();
            await agent.WaitForExitAsync(Cancel);
            await f.UntilAsync(d => !d.GetProperty("connected").GetBoolean());
            agent.Dispose();
            agent = Start(config);
            await f.ConnectedAsync();
            long token = first.GetProperty("device").GetProperty("result").GetProperty("token").GetInt64();
            JsonElement again = await f.UntilAsync(d => d.GetProperty("device").GetProperty("result") is var r
                && r.GetProperty("token").GetInt64() > token && r.GetProperty("state").GetString() == "probation");
            string id = again.GetProperty("device").GetProperty("result").GetProperty("deployment").GetString()!;
            HttpClient client = f.Through(AgentRole.Deploy, AgentRole.Infer);
            await ServiceFixture.JsonAsync(await client.PostAsync($"/v1/deployments/{id}/commit", null, Cancel));
            await f.ResultAsync(1, "committed");
            Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));

            // Loopback without certificates is for those on the machine; through the controller one needs them.
            Assert.Equal(HttpStatusCode.Forbidden, (await f.Through(AgentRole.Infer).GetAsync("/v1/deployments", Cancel)).StatusCode);
        }
        finally
        {
            agent.Kill();
            agent.Dispose();
        }
    }

    private static Process Start(string config) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AgentFolder.Program, "edgeprune-agent.dll"), "--config", config]))!;

    private static async Task<long> LeaseAsync(HttpClient device) => (await ServiceFixture.JsonAsync(await device.PostAsJsonAsync(
        "/v1/agent/lease", new { deviceClass = "host", modelName = "default", version = "1" }, Cancel))).GetProperty("token").GetInt64();

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, HttpMethod method, string path, long token, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Fencing-Token", token.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using HttpResponseMessage response = await client.SendAsync(request, Cancel);
        return response.StatusCode;
    }
}
