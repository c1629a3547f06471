using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Client;
using EdgePrune.Agent.Tests.Service;

namespace EdgePrune.Agent.Tests.Fleet;

/// <summary>The agent's API through the controller, for an agent that nobody can reach.</summary>
public sealed class RelayTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_uploads_deploys_commits_and_infers_as_if_the_agent_were_there()
    {
        await using FleetFixture f = await FleetFixture.StartAsync();
        HttpClient client = f.Through(AgentRole.Deploy, AgentRole.Infer, AgentRole.Measure);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ServiceFixture.InferAsync(client, 1, 2, 3, 4)).StatusCode);
        byte[] bundle = f.Agent.Bundle(1, 2);
        using HttpResponseMessage created = await client.PostAsJsonAsync("/v1/uploads", new { size = bundle.Length }, Cancel);
        string id = (await ServiceFixture.JsonAsync(created)).GetProperty("id").GetString()!;
        Assert.Equal($"/devices/{FleetFixture.Device}/v1/uploads/{id}", created.Headers.Location!.ToString());
        await ServiceFixture.JsonAsync(await ServiceFixture.PatchAsync(client, id, 0, bundle[..500]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ServiceFixture.PatchAsync(client, id, 7, bundle[500..])).StatusCode);
        await ServiceFixture.JsonAsync(await ServiceFixture.PatchAsync(client, id, 500, bundle[500..]));
        JsonElement deployment = await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/deployments", new { upload = id, wait = "decide" }, Cancel));
        await ServiceFixture.JsonAsync(await client.PostAsync($"/v1/deployments/{deployment.GetProperty("id").GetString()}/commit", null, Cancel));

        // Many at once, over one connection.
        float[][] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => ServiceFixture.AnswerAsync(client, i, 0, 0, 1)));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => 2f * i), answers.Select(a => a[0]));
        Assert.Equal("host", (await client.GetFromJsonAsync<JsonElement>("/v1/device", Cancel)).GetProperty("deviceClass").GetString());
        Assert.Contains("EdgePrune agent", await client.GetStringAsync("/", Cancel), StringComparison.Ordinal);

        // The agent's own caps hold, in its own words.
        using var large = new ByteArrayContent(new byte[300_000]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await client.PutAsync("/v1/trust/root", large, Cancel)).StatusCode);
        using var over = new ByteArrayContent(new byte[(4 << 20) + 1]);
        Assert.True(await FleetFixture.IsRefusedAsync(client.PostAsync("/v1/infer", over, Cancel)));
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
    }

    [Fact]
    public async Task The_client_that_loops_use_works_through_the_controller()
    {
        await using FleetFixture f = await FleetFixture.StartAsync();
        using var keys = new SiteKeys(f.Agent.Authority);
        using var agent = AgentClient.Open($"{f.Address}devices/{FleetFixture.Device}", keys.Folder);
        using var slashed = AgentClient.Open($"{f.Address}devices/{FleetFixture.Device}/", keys.Folder);
        Assert.Equal(agent.Address, slashed.Address);
        Assert.Equal("host", (await agent.GetDeviceAsync(Cancel)).DeviceClass);
        await File.WriteAllBytesAsync(keys.PathOf("bundle"), f.Agent.Bundle(1, 2), Cancel);
        AgentDeployment deployment = await agent.DeployAsync(await agent.UploadBundleAsync(keys.PathOf("bundle"), null, Cancel), "through", Cancel);
        Assert.Equal("committed", (await agent.CommitAsync(deployment.Id, Cancel)).State);
        Assert.Equal(deployment.Digest, (await agent.GetModelAsync(Cancel)).Current);
        Assert.Equal("through", Assert.Single(await agent.GetDeploymentsAsync(Cancel)).Note?.Split(": ")[^1]);

        AgentJob job = await agent.WaitForJobAsync((await agent.StartJobAsync(new AgentJobRequest("profile", "current", Seconds: 0.1), Cancel)).Id, null, Cancel);
        Assert.True(job.State == "done", job.Message);
        Assert.NotEmpty(await agent.GetJobResultAsync(job.Id, Cancel));
        await foreach (JsonElement reading in agent.PowerAsync(Cancel))
        {
            Assert.Equal("modelled", reading.GetProperty("provenance").GetString());
            break;
        }

        using var nobody = AgentClient.Open($"{f.Address}devices/nobody", keys.Folder);
        AgentException e = await Assert.ThrowsAsync<AgentException>(() => nobody.GetModelAsync(Cancel));
        Assert.Equal(AgentFailure.Missing, e.Failure);
    }

    [Fact]
    public async Task The_agent_decides_by_the_client_s_own_certificate()
    {
        await using FleetFixture f = await FleetFixture.StartAsync();
        HttpClient infer = f.Through(AgentRole.Infer);
        Assert.Equal(HttpStatusCode.Forbidden, (await infer.GetAsync("/v1/deployments", Cancel)).StatusCode);
        IssuedCertificate deploy = f.Agent.Authority.IssueClient("deployer", [AgentRole.Deploy], TimeSpan.FromHours(1));
        HttpClient allowed = f.ClientWith(deploy);
        Assert.Equal(HttpStatusCode.OK, (await allowed.GetAsync("/v1/deployments", Cancel)).StatusCode);

        // Somebody else's certificate in the header, or a token, says nothing.
        using var other = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(deploy.Certificate);
        using var forged = new HttpRequestMessage(HttpMethod.Get, "/v1/deployments");
        forged.Headers.TryAddWithoutValidation("Client-Cert", $":{Convert.ToBase64String(other.RawData)}:");
        Assert.Equal(HttpStatusCode.Forbidden, (await infer.SendAsync(forged, Cancel)).StatusCode);
        using var direct = new HttpRequestMessage(HttpMethod.Get, "/v1/deployments");
        direct.Headers.TryAddWithoutValidation("Client-Cert", $":{Convert.ToBase64String(other.RawData)}:");
        Assert.Equal(HttpStatusCode.Forbidden, (await f.Agent.Client(AgentRole.Infer).SendAsync(direct, Cancel)).StatusCode);

        using var crossed = new HttpRequestMessage(HttpMethod.Get, "/v1/deployments");
        crossed.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "cross-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await allowed.SendAsync(crossed, Cancel)).StatusCode);

        // The agent's deny list, not the controller's.
        await File.AppendAllTextAsync(f.Agent.DenyList, DenyList.KeyOf(other) + "\n", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, (await allowed.GetAsync("/v1/deployments", Cancel)).StatusCode);

        await Assert.ThrowsAsync<HttpRequestException>(() => f.ClientWith(null).GetAsync("/health", Cancel));
        using CertificateAuthority rogue = CertificateAuthority.Create("test authority", TimeSpan.FromDays(1));
        await Assert.ThrowsAsync<HttpRequestException>(() => f.ClientWith(rogue.IssueClient("x", [AgentRole.Deploy], TimeSpan.FromHours(1))).GetAsync("/health", Cancel));
        HttpClient device = f.ClientWith(f.Agent.Authority.IssueClient("other-device", [AgentRole.Device], TimeSpan.FromHours(1)));
        Assert.Equal(HttpStatusCode.Forbidden, (await device.GetAsync("/health", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_device_that_is_not_connected_is_told_from_one_that_nobody_knows()
    {
        await using FleetFixture f = await FleetFixture.StartAsync();
        HttpClient client = f.ClientWith(f.Agent.Authority.IssueClient("x", [AgentRole.Measure], TimeSpan.FromHours(1)), "");
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/devices/nobody/health", Cancel)).StatusCode);
        f.Agent.Settings.Keys.Where(k => k.StartsWith("controller:", StringComparison.Ordinal)).ToList().ForEach(k => f.Agent.Settings.Remove(k));
        await f.Agent.RestartAsync();
        await f.UntilAsync(d => !d.GetProperty("connected").GetBoolean());
        using HttpResponseMessage gone = await client.GetAsync($"/devices/{FleetFixture.Device}/health", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, gone.StatusCode);
        Assert.Contains("is not connected; it was last seen on", await gone.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }
}
