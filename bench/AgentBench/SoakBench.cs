using System.Diagnostics;
using System.Globalization;
using EdgePrune.Agent.Tensors;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Bench.Agent;

/// <summary>Deploys, rolls back, answers and refuses without a pause, and watches what the agent holds.</summary>
internal static class SoakBench
{
    private static readonly string[] Everything = ["deploy", "infer", "look", "connect"];

    /// <param name="minutes">How long.</param>
    /// <param name="path">The model; null: one of 3 MB.</param>
    /// <param name="parts">What is done, words of <see cref="Everything"/> with commas between, to find what grows; null: all of it.</param>
    public static async Task<int> RunAsync(double minutes, string? path, string? parts = null)
    {
        HashSet<string> does = [.. parts?.Split(',') ?? Everything];
        byte[] first = path is null ? BenchModels.ThreeMegabytes() : await File.ReadAllBytesAsync(path);
        byte[][] models = [first, BenchModels.Scaled(first, 1.5f)];
        using ModelSession session = ModelSession.Create(first, "the model");
        using NamedValues inputs = SyntheticInputs.Make(session.Inputs, seed: 1);
        byte[] npz = BenchModels.Request(inputs);
        byte[] json = BenchModels.JsonRequest(inputs);

        using AgentRig rig = await AgentRig.StartAsync(secure: true);
        using HttpClient client = rig.Client();
        await AgentRig.CommitAsync(client, await rig.DeployAsync(client, models[0]));
        long start = Stopwatch.GetTimestamp();
        var length = TimeSpan.FromMinutes(minutes);
        var readings = new List<(double Seconds, ProcessReading Reading)>();
        using var stop = new CancellationTokenSource();
        Task watch = WatchAsync(rig, start, readings, stop.Token);
        int cycles = 0;
        int requests = 0;
        int serving = 0;
        while (Stopwatch.GetElapsedTime(start) < length)
        {
            string? id = does.Contains("deploy") ? await rig.DeployAsync(client, models[1 - serving]) : null;
            requests += does.Contains("infer") ? await InferAsync(client, npz, json, 200) : 0;
            if (id is not null && cycles % 3 == 2)
            {
                await AgentRig.RollBackAsync(client, id);
            }
            else if (id is not null)
            {
                await AgentRig.CommitAsync(client, id);
                serving = 1 - serving;
            }

            requests += does.Contains("infer") ? await InferAsync(client, npz, json, 200) : 0;
            await NuisancesAsync(rig, client, does);
            cycles++;
        }

        await stop.CancelAsync();
        await watch;
        return Report(cycles, requests, readings);
    }

    private static async Task<int> InferAsync(HttpClient client, byte[] npz, byte[] json, int count)
    {
        for (int i = 0; i < count; i++)
        {
            (byte[] body, string type) = i % 2 == 0 ? (npz, Npz.MediaType) : (json, "application/json");
            using HttpResponseMessage response = await Requests.PostAsync(client, body, type);
            response.EnsureSuccessStatusCode();
        }

        return count;
    }

    // What clients do besides: look, break off, send rubbish, come and go.
    private static async Task NuisancesAsync(AgentRig rig, HttpClient client, HashSet<string> does)
    {
        foreach (string look in !does.Contains("look") ? [] : (string[])["/health", "/metrics", "/v1/deployments", "/v1/inference/stats", "/v1/device"])
        {
            using HttpResponseMessage response = await client.GetAsync(look);
            response.EnsureSuccessStatusCode();
        }

        if (does.Contains("look"))
        {
            await RefusedAsync(client);
        }

        if (!does.Contains("connect"))
        {
            return;
        }

        using HttpClient other = rig.Client();
        (await other.GetAsync("/health")).Dispose();
        using var brief = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        try
        {
            (await other.GetAsync("/v1/deployments", brief.Token)).Dispose();
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static async Task RefusedAsync(HttpClient client)
    {
        using (HttpResponseMessage refused = await Requests.PostAsync(client, "{\"inputs\": 3}"u8.ToArray(), "application/json"))
        {
            if ((int)refused.StatusCode != 422)
            {
                throw new InvalidOperationException($"rubbish was answered with {refused.StatusCode}");
            }
        }
    }

    private static async Task WatchAsync(AgentRig rig, long start, List<(double Seconds, ProcessReading Reading)> readings, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            readings.Add((Stopwatch.GetElapsedTime(start).TotalSeconds, ProcessReading.Of(rig.Process.Id)));
            await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(2), stop));
        }
    }

    private static int Report(int cycles, int requests, List<(double Seconds, ProcessReading Reading)> readings)
    {
        double end = readings[^1].Seconds;
        // The first quarter is warming up: code is compiled, the heap finds its size.
        ProcessReading[] early = [.. readings.Where(r => r.Seconds >= end / 4 && r.Seconds < end / 2).Select(r => r.Reading)];
        ProcessReading[] late = [.. readings.Where(r => r.Seconds >= end * 3 / 4).Select(r => r.Reading)];
        Line($"{end / 60:F1} minutes: {cycles} deployments of which each third was rolled back, {requests} requests for inference; {readings.Count} readings");
        Line($"| | second quarter, median | last quarter, median | growth |");
        Line($"|---|---|---|---|");
        foreach ((string what, Func<ProcessReading, double> of) in ((string, Func<ProcessReading, double>)[])
        [
            ("resident MB", r => r.ResidentBytes / 1e6), ("its own MB", r => r.PrivateBytes / 1e6), ("handles", r => r.Handles), ("threads", r => r.Threads),
        ])
        {
            double before = Order.Median([.. early.Select(of)]);
            double after = Order.Median([.. late.Select(of)]);
            Line($"| {what} | {before:F1} | {after:F1} | {(after / before - 1) * 100:F1} % |");
        }

        return 0;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
