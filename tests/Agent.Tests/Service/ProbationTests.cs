using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Certificates;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Models that the agent decides about by itself, over real sockets.</summary>
public sealed class ProbationTests
{
    /// <summary>Enough to see the difference between the slow and the fast model of these tests.</summary>
    private static readonly BundleGates Short = new() { ProbationRequests = 40, MinRequests = 20, ProbationSeconds = 60 };

    /// <summary>For models that are about something else than their speed.</summary>
    private static readonly BundleGates AnySpeed = Short with { MaxLatencyRatio = 1000 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_model_is_kept_once_it_has_run_and_a_faster_one_after_it_too()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        JsonElement first = await ServiceFixture.TryOutAsync(client, f.Bundle(1, TrialModels.Slow(2)));
        Assert.Equal("committed", first.GetProperty("state").GetString());
        Assert.Contains("no model before it", Reasons(first), StringComparison.Ordinal);

        JsonElement second = await ServiceFixture.TryOutAsync(client, f.Bundle(2, ServiceFixture.Model(2), gates: Short));
        Assert.True(second.GetProperty("state").GetString() == "committed", second.ToString());
        JsonElement ratio = second.GetProperty("verdict").GetProperty("latencyRatio");
        Assert.True(ratio.GetProperty("high").GetDouble() < 1);
        Assert.False(second.GetProperty("verdict").TryGetProperty("energyRatio", out _));
        Assert.False(second.GetProperty("verdict").TryGetProperty("answers", out _)); // noise is no real input
        Assert.Equal(JsonValueKind.Null, second.GetProperty("probation").ValueKind);

        await f.RestartAsync();
        client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        JsonElement again = await client.GetFromJsonAsync<JsonElement>($"/v1/deployments/{second.GetProperty("id").GetString()}", Cancel);
        Assert.Equal(second.GetProperty("verdict").GetRawText(), again.GetProperty("verdict").GetRawText());
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
    }

    [Fact]
    public async Task A_slower_model_goes_back_and_one_that_is_not_worse_stays_where_the_gate_says_so()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, 2));
        JsonElement slower = await ServiceFixture.TryOutAsync(client, f.Bundle(2, TrialModels.Slow(3), gates: Short));
        Assert.Equal("rolled-back", slower.GetProperty("state").GetString());
        Assert.Equal("rolled-back", slower.GetProperty("verdict").GetProperty("decision").GetString());
        Assert.Contains("not certainly lower", Reasons(slower), StringComparison.Ordinal);
        Assert.Contains("not certainly lower", slower.GetProperty("steps").EnumerateArray().Last().GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(client, 1, 1, 1, 1));

        JsonElement allowed = await ServiceFixture.TryOutAsync(client, f.Bundle(3, TrialModels.Slow(3), gates: AnySpeed));
        Assert.Equal("committed", allowed.GetProperty("state").GetString());
        Assert.Contains("is allowed", Reasons(allowed), StringComparison.Ordinal);
        Assert.Equal(new float[] { 3, 3, 3, 3 }, await ServiceFixture.AnswerAsync(client, 1, 1, 1, 1));
    }

    [Fact]
    public async Task Gates_that_the_device_cannot_check_do_not_hold()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, TrialModels.Slow(2)));
        JsonElement energy = await ServiceFixture.TryOutAsync(client, f.Bundle(2, ServiceFixture.Model(2), gates: Short with { MaxEnergyRatio = 2 }));
        Assert.Equal("rolled-back", energy.GetProperty("state").GetString());
        Assert.Contains("energy could not be compared", Reasons(energy), StringComparison.Ordinal);
        JsonElement answers = await ServiceFixture.TryOutAsync(client, f.Bundle(3, ServiceFixture.Model(2), gates: Short with { MinAgreement = 0.5 }));
        Assert.Contains("answers could not be compared", Reasons(answers), StringComparison.Ordinal);
        JsonElement few = await ServiceFixture.TryOutAsync(client, f.Bundle(4, TrialModels.Slow(2, 2000), gates: new BundleGates { MinRequests = 100_000, ProbationSeconds = 1 }));
        Assert.Contains("fewer than the 100000", Reasons(few), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_requests_are_compared_and_a_model_with_other_answers_goes_back()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, 2));
        Task<JsonElement> trial = ServiceFixture.TryOutAsync(client, f.Bundle(2, ServiceFixture.Model(2.5f), gates: AnySpeed with { MinAgreement = 0.9 }));
        int answered = 0;
        while (!trial.IsCompleted)
        {
            float[] y = await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4);
            Assert.Contains(y[0], new[] { 2, 2.5f });
            answered++;
        }

        JsonElement decided = await trial;
        Assert.Equal("rolled-back", decided.GetProperty("state").GetString());
        JsonElement answers = decided.GetProperty("verdict").GetProperty("answers");
        Assert.InRange(answers.GetProperty("compared").GetInt32(), 1, answered);
        Assert.Equal(0, answers.GetProperty("agreed").GetInt32());
        Assert.Contains("too few", Reasons(decided), StringComparison.Ordinal);
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
    }

    [Fact]
    public async Task A_request_that_neither_model_takes_is_the_request_s_own_fault()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, TrialModels.FailingAbove7(2)));
        JsonElement deployment = await ServiceFixture.JsonAsync(await ServiceFixture.TryDeployAsync(client, f.Bundle(2, TrialModels.FailingAbove7(3))));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ServiceFixture.InferAsync(client, 9, 1, 1, 1)).StatusCode);
        Assert.Equal(new float[] { 3, 3, 3, 3 }, await ServiceFixture.AnswerAsync(client, 1, 1, 1, 1));
        await ServiceFixture.JsonAsync(await client.PostAsync($"/v1/deployments/{deployment.GetProperty("id").GetString()}/commit", null, Cancel));

        string plain = await ServiceFixture.DeployAsync(client, f.Bundle(3, 4), commit: false);
        JsonElement answer = await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/infer", Request("NaN"), Cancel));
        Assert.Equal("[\"NaN\",4,4,4]", answer.GetProperty("outputs").GetProperty("y").GetProperty("data").GetRawText());
        await ServiceFixture.JsonAsync(await client.PostAsync($"/v1/deployments/{plain}/commit", null, Cancel));
    }

    [Fact]
    public async Task Another_interface_is_refused_before_the_switch_and_another_shape_goes_back()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, 2));
        HttpResponseMessage refused = await ServiceFixture.TryDeployAsync(client, f.Bundle(2, TrialModels.Batched(2, 1)), "agent");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("its inputs are not those", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        JsonElement shape = await ServiceFixture.TryOutAsync(client, f.Bundle(3, TrialModels.OtherShape(), gates: AnySpeed));
        Assert.Contains("another shape", Reasons(shape), StringComparison.Ordinal);
        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(client, 1, 1, 1, 1));
        string[] states = [.. (await client.GetFromJsonAsync<JsonElement>("/v1/deployments", Cancel)).EnumerateArray().Select(d => d.GetProperty("state").GetString()!)];
        Assert.Equal(["committed", "refused", "rolled-back"], states);
    }

    [Fact]
    public async Task Canaries_refuse_a_model_in_its_preflight_and_drive_the_probation_of_a_good_one()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(realPreflight: true);
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, TrialModels.Slow(2)));
        HttpResponseMessage refused = await ServiceFixture.TryDeployAsync(client, f.Bundle(2, ServiceFixture.Model(3), canaries: TrialModels.Canaries(2)), "agent");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        string why = await refused.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("the preflight refused the model", why, StringComparison.Ordinal);
        Assert.Contains("0 of 5 canaries", why, StringComparison.Ordinal);

        JsonElement good = await ServiceFixture.TryOutAsync(client, f.Bundle(3, ServiceFixture.Model(2), gates: Short with { MinAgreement = 1 }, canaries: TrialModels.Canaries(2)));
        Assert.True(good.GetProperty("state").GetString() == "committed", good.ToString());
        JsonElement verdict = good.GetProperty("verdict");
        Assert.Equal((5, 5), (verdict.GetProperty("canaries").GetProperty("run").GetInt32(), verdict.GetProperty("canaries").GetProperty("passed").GetInt32()));
        Assert.Equal(40, verdict.GetProperty("answers").GetProperty("agreed").GetInt32());

        await f.RestartAsync();
        JsonElement stats = await f.Client(AgentRole.Infer).GetFromJsonAsync<JsonElement>("/v1/inference/stats", Cancel);
        Assert.Equal(verdict.GetProperty("canaries").GetProperty("passed").GetInt32(), stats.GetProperty("current").GetProperty("canaries").GetProperty("passed").GetInt32());
    }

    [Fact]
    public async Task The_service_runs_canaries_itself_before_it_switches_and_minds_the_fall_of_accuracy()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(); // the preflight of this fixture lets everything pass
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, TrialModels.Classifier(first: true)));
        byte[] labelled = TrialModels.Npz(("input.x", [9, 0, 0, 1, 0, 9, 0, 1, 0, 0, 9, 1, 9, 0, 0, 1], [4, 4]), ("labels", [0, 1, 2, 0], [4]));
        long version = 1;
        foreach ((byte[] canaries, BundleGates gates, string because) in ((byte[], BundleGates, string)[])
        [
            (labelled, AnySpeed with { MaxAccuracyDrop = 20 }, "falls by 100.00 points"),
            (TrialModels.Npz(("input.x", [9, 0, 0, 1], [1, 4]), ("output.y", [9, 0, 0], [1, 3])), AnySpeed, "0 of 1 canaries"),
            (TrialModels.Npz(("input.x", [9, 0, 0, 1], [1, 4])), AnySpeed with { MaxAccuracyDrop = 20 }, "no labelled"),
            (TrialModels.Npz(("input.z", [9, 0, 0, 1], [1, 4])), AnySpeed, "no array input.x"),
            ([1, 2, 3], AnySpeed, "not a readable .npz"),
        ])
        {
            HttpResponseMessage refused = await ServiceFixture.TryDeployAsync(client, f.Bundle(++version, TrialModels.Classifier(first: false), gates: gates, canaries: canaries), "agent");
            string text = await refused.Content.ReadAsStringAsync(Cancel);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains(because, text, StringComparison.Ordinal);
            Directory.GetFiles(Path.Combine(f.Data, "uploads")).ToList().ForEach(File.Delete);
        }

        JsonElement allowed = await ServiceFixture.TryOutAsync(client, f.Bundle(++version, TrialModels.Classifier(first: false), gates: AnySpeed with { MaxAccuracyDrop = 100 }, canaries: labelled));
        JsonElement figure = allowed.GetProperty("verdict").GetProperty("canaries");
        Assert.Equal((0, 1), (figure.GetProperty("accuracy").GetDouble(), figure.GetProperty("incumbentAccuracy").GetDouble()));
    }

    [Fact]
    public async Task Events_tell_the_life_of_a_deployment_to_its_end()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, TrialModels.Slow(2)));
        JsonElement begun = await ServiceFixture.JsonAsync(await ServiceFixture.TryDeployAsync(client, f.Bundle(2, ServiceFixture.Model(2)), "agent"));
        string id = begun.GetProperty("id").GetString()!;
        string text = await client.GetStringAsync($"/v1/deployments/{id}/events", Cancel); // ends by itself
        string[] events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events, e => Assert.Matches("^event: (deployment|probation)\ndata: \\{", e));
        Assert.Contains("\"state\":\"committed\"", events[^1], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/v1/deployments/none/events", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_restart_in_the_middle_of_a_probation_brings_the_old_model_back()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.TryOutAsync(client, f.Bundle(1, 2));
        JsonElement begun = await ServiceFixture.JsonAsync(await ServiceFixture.TryDeployAsync(client, f.Bundle(2, ServiceFixture.Model(3), gates: new BundleGates { ProbationRequests = 1_000_000 }), "agent"));
        Assert.Equal("probation", begun.GetProperty("state").GetString());
        Assert.Equal(1_000_000, begun.GetProperty("probation").GetProperty("needed").GetInt32());
        await f.RestartAsync();
        client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        JsonElement after = await client.GetFromJsonAsync<JsonElement>($"/v1/deployments/{begun.GetProperty("id").GetString()}", Cancel);
        Assert.Equal("rolled-back", after.GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, after.GetProperty("verdict").ValueKind);
        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(client, 1, 1, 1, 1));
    }

    private static object Request(string first) => new { inputs = new { x = new { shape = new[] { 4 }, data = new object[] { first, 1, 1, 1 } } } };

    private static string Reasons(JsonElement deployment) =>
        string.Join("; ", deployment.GetProperty("verdict").GetProperty("reasons").EnumerateArray().Select(r => r.GetString()));
}
