using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using EdgePrune.Agent.Tensors;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Bench.Agent;

/// <summary>
/// Switches between two models under load: every answer must be right for the model that it says gave it. Latencies of requests
/// that were under way at a switch, or in any part of a deployment, stand beside those of quiet times before, in between and after.
/// </summary>
internal static class SwitchBench
{
    public static async Task<int> RunAsync(int switches, int clients, double quietSeconds, double thinkMilliseconds, string? path)
    {
        byte[] first = path is null ? BenchModels.ThreeMegabytes() : await File.ReadAllBytesAsync(path);
        byte[][] models = [first, BenchModels.Scaled(first, 1.5f)];
        using ModelSession session = ModelSession.Create(first, "the model");
        using NamedValues inputs = SyntheticInputs.Make(session.Inputs, seed: 1);
        byte[] request = BenchModels.Request(inputs);
        var expected = models.ToDictionary(Digest, m => Answer(m, inputs), StringComparer.Ordinal);

        using AgentRig rig = await AgentRig.StartAsync(secure: true);
        using HttpClient deployer = rig.Client();
        await AgentRig.CommitAsync(deployer, await rig.DeployAsync(deployer, models[0]));
        // Whoever deploys to a board is another machine: what signing takes, and the collections that it brings on, are not to show here.
        string[] bundles = [.. Enumerable.Range(1, switches).Select(i => rig.Bundle(models[i % 2]))];
        var seen = new ConcurrentBag<Seen>();
        using var stop = new CancellationTokenSource();
        Task[] load = [.. Enumerable.Range(0, clients).Select(i => Task.Run(() => LoadAsync(rig, request, expected, seen, thinkMilliseconds, i, stop.Token)))];
        await Task.Delay(TimeSpan.FromSeconds(3)); // warm
        var quiet = new List<(long From, long To)>();
        await QuietAsync(quiet, quietSeconds);
        var deployments = new List<(long From, long To)>();
        for (int i = 1; i <= switches; i++)
        {
            long from = Stopwatch.GetTimestamp();
            string id = await AgentRig.DeployAsync(deployer, bundles[i - 1]);
            await AgentRig.CommitAsync(deployer, id);
            deployments.Add((from, Stopwatch.GetTimestamp()));
            if (i % 100 == 0)
            {
                await Console.Error.WriteLineAsync($"{i} switches, {seen.Count} answers");
                await QuietAsync(quiet, quietSeconds / 4); // what the machine does besides comes and goes within minutes
            }
        }

        await QuietAsync(quiet, quietSeconds);
        await stop.CancelAsync();
        await Task.WhenAll(load);
        return Report(switches, clients, seen, quiet, deployments);
    }

    private static async Task QuietAsync(List<(long From, long To)> quiet, double seconds)
    {
        long from = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        quiet.Add((from, Stopwatch.GetTimestamp()));
    }

    private static async Task LoadAsync(
        AgentRig rig, byte[] request, Dictionary<string, float[]> expected, ConcurrentBag<Seen> seen, double thinkMilliseconds, int seed, CancellationToken stop)
    {
        using HttpClient client = rig.Client();
        var random = new Random(seed);
        string? last = null;
        while (!stop.IsCancellationRequested)
        {
            long from = Stopwatch.GetTimestamp();
            string? wrong;
            bool switched = false;
            try
            {
                using HttpResponseMessage response = await Requests.PostAsync(client, request, Npz.MediaType);
                if (response.IsSuccessStatusCode)
                {
                    (string model, float[] values) = await Requests.ReadAsync(response);
                    wrong = !expected.TryGetValue(model, out float[]? right) || !right.AsSpan().SequenceEqual(values) ? $"wrong answer of {model}" : null;
                    switched = last is not null && last != model;
                    last = model;
                }
                else
                {
                    wrong = $"failed: {response.StatusCode}";
                }
            }
            catch (HttpRequestException e)
            {
                wrong = $"dropped: {e.Message}";
            }

            seen.Add(new Seen(from, Stopwatch.GetTimestamp(), wrong, switched));
            if (thinkMilliseconds > 0)
            {
                // Clients that come at random times: exponential pauses.
                await Task.Delay(TimeSpan.FromMilliseconds(-Math.Log(1 - random.NextDouble()) * thinkMilliseconds), CancellationToken.None);
            }
        }
    }

    private static int Report(int switches, int clients, ConcurrentBag<Seen> seen, List<(long From, long To)> quiet, List<(long From, long To)> deployments)
    {
        double[] inQuiet = [.. seen.Where(s => quiet.Any(q => s.From >= q.From && s.To <= q.To)).Select(s => s.Milliseconds)];
        deployments.Sort();
        double[] during = [.. seen.Where(s => deployments.Any(d => s.To >= d.From && s.From <= d.To)).Select(s => s.Milliseconds)];
        double[] across = [.. seen.Where(s => s.Switched).Select(s => s.Milliseconds)];
        string[] wrong = [.. seen.Where(s => s.Wrong is not null).Select(s => s.Wrong!)];
        double seconds = deployments.Sum(d => Stopwatch.GetElapsedTime(d.From, d.To).TotalSeconds);
        Line($"{switches} switches under load from {clients} clients: {seen.Count} answers, {wrong.Length} failed, dropped or wrong{(wrong.Length > 0 ? $" ({wrong[0]})" : "")}; {seconds / switches:F2} s a deployment");
        Line($"| requests | number | p50 ms | p99 ms | p99 / quiet p99 |");
        Line($"|---|---|---|---|---|");
        foreach ((string what, double[] of) in ((string, double[])[])[("quiet", inQuiet), ("during deployments", during), ("first on the new model", across)])
        {
            if (of.Length > 0)
            {
                Line($"| {what} | {of.Length} | {Order.Percentile(of, 50):F2} | {Order.Percentile(of, 99):F2} | {Order.Percentile(of, 99) / Order.Percentile(inQuiet, 99):F2} |");
            }
        }

        return wrong.Length == 0 ? 0 : 1;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static string Digest(byte[] model) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(model));

    private static float[] Answer(byte[] model, NamedValues inputs)
    {
        using ModelSession session = ModelSession.Create(model, "the model");
        using NamedValues outputs = session.Run(inputs);
        return outputs.Values.First().GetTensorDataAsSpan<float>().ToArray();
    }

    private sealed record Seen(long From, long To, string? Wrong, bool Switched)
    {
        public double Milliseconds => Stopwatch.GetElapsedTime(From, To).TotalMilliseconds;
    }
}
