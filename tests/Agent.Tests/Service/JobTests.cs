using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Client;
using EdgePrune.Agent.Service.Jobs;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Documents;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;
using EdgePrune.TestSupport.Hostile;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Measurements through the service: real models in real child processes.</summary>
public sealed class JobTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Profile_costs_and_comparison_are_measured_on_the_device_and_planned_with_elsewhere()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using var keys = new SiteKeys(f.Authority);
        using var agent = AgentClient.Open(f.Address.ToString(), keys.Folder);
        OnnxModel model = Network(12);
        string upload = await UploadAsync(agent, keys, model);

        ProfileDocument profile = ProfileReader.Parse(await RunAsync(agent, new AgentJobRequest("profile", upload, Seconds: 0.3)), "the profile");
        Assert.Equal("host", profile.Device);
        Assert.Equal("modelled", profile.Provenance);
        Assert.Contains(profile.Layers, l => l.Macs == 16 * 12);

        CostTableDocument file = CostTableReader.Parse(await RunAsync(agent, new AgentJobRequest("costs", upload, Seconds: 0.2)), "the costs");
        CouplingResult coupling = CouplingAnalysis.Run(model, ShapeProbe.Run(model));
        var resizer = new BlockResizer(coupling);
        CostTable table = CostTableReader.Read(file, model, resizer);
        CostLayer wide = table.Layers.First(l => l.Block.FullWidths.Contains(12));
        Assert.True(table.Predict(wide.Block.Key, wide.Block.FullWidths).Time.Value > 0);
        BudgetPlan plan = new BudgetPlanner(coupling, new double[coupling.Units.Count], table, resizer, PaperCosts.Of(model, coupling, ShapeProbe.Run(model)), []).Choose(BudgetRequest.Remove(0.5), cancel: Cancel);
        Assert.NotEmpty(plan.Choice.Removed);
        Assert.True(plan.Before.Macs > plan.After.Macs);

        string other = await UploadAsync(agent, keys, Network(6));
        ComparisonDocument comparison = ComparisonDocument.Parse(await RunAsync(agent, new AgentJobRequest("compare", upload, other, Seconds: 0.3)), "the comparison");
        Assert.Equal(16 * 12 + 12 * 4, comparison.First.Macs);
        Assert.Equal(16 * 6 + 6 * 4, comparison.Second.Macs);
        Assert.Empty(Directory.GetFiles(Path.Combine(f.Data, "jobs"), "*.onnx", SearchOption.AllDirectories));
        Assert.Null((await agent.GetModelAsync(Cancel)).Current); // measured, never served
    }

    [Fact]
    public Task Where_the_board_has_a_sensor_the_energies_of_a_comparison_are_the_sensors() => Patience.TryAsync(async longer =>
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("device", "simulated-ina219"));
        using var keys = new SiteKeys(f.Authority);
        using var agent = AgentClient.Open(f.Address.ToString(), keys.Folder);
        string small = await UploadAsync(agent, keys, Network(8));
        string large = await UploadAsync(agent, keys, Network(4096));

        ComparisonDocument comparison = ComparisonDocument.Parse(await RunAsync(agent, new AgentJobRequest("compare", small, large, Seconds: 0.5 * longer)), "the comparison");

        Assert.Equal("simulated", comparison.Provenance);
        Assert.True(comparison.EnergyRatio.Low > 1, $"{comparison.EnergyRatio}");
        double watts = comparison.Second.EnergyMj.Median / comparison.Second.LatencyMs.Median;
        Assert.InRange(watts, 2, 8); // 2 W at rest, one core at work
    });

    [Fact]
    public async Task A_running_job_is_cancelled_and_the_next_is_measured()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using var keys = new SiteKeys(f.Authority);
        using var agent = AgentClient.Open(f.Address.ToString(), keys.Folder);
        string upload = await UploadAsync(agent, keys, Network(12));
        AgentJob first = await agent.StartJobAsync(new AgentJobRequest("profile", upload, Seconds: 600), Cancel);
        AgentJob second = await agent.StartJobAsync(new AgentJobRequest("profile", upload, Seconds: 0.2), Cancel);
        AgentJob third = await agent.StartJobAsync(new AgentJobRequest("profile", upload, Seconds: 600), Cancel);

        await UntilAsync(agent, first.Id, j => j.State == "running" && j.Progress > 0.05);
        Assert.Equal("queued", (await agent.GetJobAsync(second.Id, Cancel)).State); // one at a time
        await agent.CancelJobAsync(third.Id, Cancel);
        Assert.Equal("cancelled", (await agent.GetJobAsync(third.Id, Cancel)).State);
        await agent.CancelJobAsync(first.Id, Cancel);

        Assert.Equal("cancelled", (await agent.WaitForJobAsync(first.Id, null, Cancel)).State);
        Assert.Equal("done", (await agent.WaitForJobAsync(second.Id, null, Cancel)).State);
        AgentException none = await Assert.ThrowsAsync<AgentException>(() => agent.GetJobResultAsync(first.Id, Cancel));
        Assert.Contains("has no result", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_and_probations_measure_one_at_a_time_and_waiting_costs_a_probation_no_time()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using var keys = new SiteKeys(f.Authority);
        using var agent = AgentClient.Open(f.Address.ToString(), keys.Folder);
        HttpClient client = f.Client(AgentRole.Deploy);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, 2));
        AgentJob job;
        string id;
        using (await f.Part<MeasurementTurns>().TakeAsync(Cancel))
        {
            job = await agent.StartJobAsync(new AgentJobRequest("profile", "current", Seconds: 0.2), Cancel);
            byte[] bundle = f.Bundle(2, ServiceFixture.Model(3), gates: new BundleGates { ProbationRequests = 40, MinRequests = 20, ProbationSeconds = 1, MaxLatencyRatio = 1000 });
            id = (await ServiceFixture.JsonAsync(await ServiceFixture.TryDeployAsync(client, bundle, "agent"))).GetProperty("id").GetString()!;
            await Task.Delay(1300, Cancel); // longer than the probation may last
            Assert.Equal("queued", (await agent.GetJobAsync(job.Id, Cancel)).State);
            JsonElement waiting = await client.GetFromJsonAsync<JsonElement>($"/v1/deployments/{id}", Cancel);
            Assert.Equal(("probation", 0), (waiting.GetProperty("state").GetString(), waiting.GetProperty("probation").GetProperty("compared").GetInt32()));
        }

        Assert.Equal("done", (await agent.WaitForJobAsync(job.Id, null, Cancel)).State);
        JsonElement decided = await ServiceFixture.DecidedAsync(client, id);
        Assert.True(decided.GetProperty("state").GetString() == "committed", decided.ToString());
    }

    [Fact]
    public async Task A_job_that_the_agents_end_interrupts_is_measured_after_its_restart()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using var keys = new SiteKeys(f.Authority);
        string id;
        using (var agent = AgentClient.Open(f.Address.ToString(), keys.Folder))
        {
            id = (await agent.StartJobAsync(new AgentJobRequest("profile", await UploadAsync(agent, keys, Network(12)), Seconds: 3), Cancel)).Id;
            await UntilAsync(agent, id, j => j.State == "running");
        }

        await f.RestartAsync();
        using var again = AgentClient.Open(f.Address.ToString(), keys.Folder);
        AgentJob done = await again.WaitForJobAsync(id, null, Cancel);
        Assert.True(done.State == "done", done.Message);
    }

    [Fact]
    public async Task Inference_goes_on_and_the_result_says_that_it_disturbed()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using var keys = new SiteKeys(f.Authority);
        using var agent = AgentClient.Open(f.Address.ToString(), keys.Folder);
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        AgentJob job = await agent.StartJobAsync(new AgentJobRequest("profile", "current", Seconds: 1), Cancel);
        Task<AgentJob> ended = agent.WaitForJobAsync(job.Id, null, Cancel);
        while (!ended.IsCompleted)
        {
            Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
        }

        Assert.True((await ended).DisturbedBy > 0);
        ProfileDocument profile = ProfileReader.Parse(await agent.GetJobResultAsync(job.Id, Cancel), "the profile");
        Assert.Contains(profile.Warnings, w => w.Contains("answered while this was measured", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_measured_says_why_and_takes_nothing_with_it()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: ("limits:jobSeconds", "5"));
        using var keys = new SiteKeys(f.Authority);
        using var agent = AgentClient.Open(f.Address.ToString(), keys.Folder);
        (AgentJobRequest Request, string Because)[] refused =
        [
            (new AgentJobRequest("profile", "current"), "no model has been deployed"),
            (new AgentJobRequest("profile", "sha256:" + new string('0', 64)), "the store has no model"),
            (new AgentJobRequest("profile", "../../etc/passwd"), "is no model"),
            (new AgentJobRequest("profile", "upload:../job.json"), "there is no upload"),
            (new AgentJobRequest("compare", "current"), "compare needs it"),
            (new AgentJobRequest("profile", "current", Seconds: 1e9), "seconds is above 0"),
            (new AgentJobRequest("profile", "current", Threads: -1), "threads is 1 to"),
            (new AgentJobRequest("profile", "current", Shapes: new Dictionary<string, long[]> { ["x"] = [-4] }), "no shape"),
        ];
        foreach ((AgentJobRequest request, string because) in refused)
        {
            AgentException no = await Assert.ThrowsAsync<AgentException>(() => agent.StartJobAsync(request, Cancel));
            Assert.Contains(because, no.Message, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(keys.PathOf("garbage"), "this is no model", Cancel);
        string garbage = "upload:" + await agent.UploadModelAsync(keys.PathOf("garbage"), null, Cancel);
        AgentJob failed = await agent.WaitForJobAsync((await agent.StartJobAsync(new AgentJobRequest("profile", garbage), Cancel)).Id, null, Cancel);
        Assert.Equal("failed", failed.State);
        Assert.Contains("the model", failed.Message, StringComparison.Ordinal);

        // A loop without an end keeps the runtime busy inside one call.
        string path = HostileModels.Named("Loop without end").Write(keys.Folder);
        string endless = "upload:" + await agent.UploadModelAsync(path, null, Cancel);
        AgentJob stopped = await agent.WaitForJobAsync((await agent.StartJobAsync(new AgentJobRequest("profile", endless), Cancel)).Id, null, Cancel);
        Assert.Equal("failed", stopped.State);
        Assert.Contains("did not end within 5 s", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_clients_with_the_role_may_measure()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient deployer = f.Client(AgentRole.Deploy, AgentRole.Infer);
        foreach (string path in (string[])["/v1/jobs", "/v1/jobs/x", "/v1/jobs/x/events", "/v1/jobs/x/result", "/v1/power", "/v1/device"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await deployer.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Cancel)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await deployer.PostAsJsonAsync("/v1/jobs/uploads", new { size = 1 }, Cancel)).StatusCode);
        HttpResponseMessage bad = await f.Client(AgentRole.Measure).PostAsync("/v1/jobs", new StringContent("{\"kind\":7,\"model\":\"current\"}", Encoding.UTF8, "application/json"), Cancel);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, bad.StatusCode);
    }

    [Fact]
    public void What_a_crash_has_left_of_a_job_is_removed()
    {
        using var temp = new TempFolder();
        var folder = new JobFolder(temp.Path);
        var job = new Job("a", JobKind.Profile, ["sha256:…"], JobState.Running, 0.5, "timing", DateTimeOffset.UnixEpoch, new JobRequest(JobKind.Profile, "current"));
        Directory.CreateDirectory(folder.PathOf("a"));
        folder.Save(job);
        Directory.CreateDirectory(folder.PathOf("b"));
        File.WriteAllText(folder.ModelOf("b", 0), "half a model");
        Directory.CreateDirectory(folder.PathOf("c"));
        File.WriteAllText(Path.Combine(folder.PathOf("c"), "job.json"), "{\"id\": \"c\", \"kind\": \"profile\"");

        Job read = Assert.Single(folder.Load());

        Assert.Equal(JsonSerializer.Serialize(job), JsonSerializer.Serialize(read));
        Assert.Equal(["a"], Directory.GetDirectories(temp.Path).Select(Path.GetFileName));
    }

    private static OnnxModel Network(int width)
    {
        var g = new GraphBuilder(13, seed: 3);
        return g.Output(g.Linear(g.Relu(g.Linear(g.Input("x", 1, 16), 16, width)), width, 4)).Build();
    }

    private static async Task<string> UploadAsync(AgentClient agent, SiteKeys keys, OnnxModel model)
    {
        string path = keys.PathOf("model.onnx");
        model.Save(path);
        return "upload:" + await agent.UploadModelAsync(path, null, Cancel);
    }

    private static async Task<byte[]> RunAsync(AgentClient agent, AgentJobRequest request)
    {
        AgentJob job = await agent.WaitForJobAsync((await agent.StartJobAsync(request, Cancel)).Id, null, Cancel);
        Assert.True(job.State == "done", job.Message);
        return await agent.GetJobResultAsync(job.Id, Cancel);
    }

    private static async Task UntilAsync(AgentClient agent, string id, Func<AgentJob, bool> reached)
    {
        long start = Stopwatch.GetTimestamp();
        for (AgentJob job = await agent.GetJobAsync(id, Cancel); !reached(job); job = await agent.GetJobAsync(id, Cancel))
        {
            Assert.False(job.HasEnded(), job.Message);
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1), "it is not reached within a minute");
            await Task.Delay(20, Cancel);
        }
    }
}
