using System.Net;
using System.Text.Json;
using EdgePrune.Agent.Certificates;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>The real program, killed again and again.</summary>
public sealed class CrashLoopTests
{
    /// <summary>A model that brings the service down each time is left behind and remembered; a line of the fault table.</summary>
    internal static async Task LeaveBehindAsync()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("crashes:limit", "2"));
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        byte[] second = f.Bundle(2, 3);
        await ServiceFixture.DeployAsync(client, second);
        await f.StopAsync();

        await CrashAsync(f, 2);
        using (AgentProcess agent = await AgentProcess.StartAsync(f))
        {
            Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(agent.Client, 1, 1, 1, 1));
            JsonElement health = await agent.HealthAsync();
            Assert.Equal("degraded", health.GetProperty("status").GetString());
            Assert.Contains("2 times in a row", health.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
            HttpResponseMessage refused = await ServiceFixture.TryDeployAsync(agent.Client, second);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains("known as bad", await refused.Content.ReadAsStringAsync(ServiceFixture.Cancel), StringComparison.Ordinal);
        }

        // The one before it does the same: now there is nothing left, and the service says so instead of dying again.
        await CrashAsync(f, 1);
        using (AgentProcess agent = await AgentProcess.StartAsync(f))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await agent.Client.GetAsync("/health", ServiceFixture.Cancel)).StatusCode);
            Assert.Contains("deploy another model", (await agent.HealthAsync()).GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ServiceFixture.InferAsync(agent.Client, 1, 1, 1, 1)).StatusCode);
        }

        using (AgentProcess agent = await AgentProcess.StartAsync(f))
        {
            Assert.Contains("is not served", (await agent.HealthAsync()).GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
            await ServiceFixture.JsonAsync(await ServiceFixture.TryDeployAsync(agent.Client, second, allowBad: true));
            Assert.Equal(new float[] { 3, 3, 3, 3 }, await ServiceFixture.AnswerAsync(agent.Client, 1, 1, 1, 1));
            Assert.Equal("ok", (await agent.HealthAsync()).GetProperty("status").GetString());
        }
    }

    [Fact]
    public async Task Stops_are_no_crashes()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("crashes:limit", "1"));
        await ServiceFixture.DeployAsync(f.Client(AgentRole.Deploy), f.Bundle(1, 2));
        for (int i = 0; i < 3; i++)
        {
            await f.RestartAsync();
        }

        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(f.Client(AgentRole.Infer), 1, 1, 1, 1));
    }

    private static async Task CrashAsync(ServiceFixture f, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using AgentProcess agent = await AgentProcess.StartAsync(f);
            agent.Kill();
        }
    }
}
