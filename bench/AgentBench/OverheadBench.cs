using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Service.Telemetry;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Tensors;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Statistics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace EdgePrune.Bench.Agent;

/// <summary>What the agent adds to the runtime: time over the network interface of loopback and in process, memory, idle processor time.</summary>
internal static class OverheadBench
{
    // Until the runtime has compiled for the second time what is hot, as it has in an agent that has served for a while: seconds.
    private const int Warm = 1000;
    private const int WarmInProcess = 20_000;
    private const int Block = 20;
    private const int Settle = 3;

    public static async Task<int> RunAsync(int rounds, double idleSeconds, string? path)
    {
        byte[] model = path is null ? BenchModels.ThreeMegabytes() : await File.ReadAllBytesAsync(path);
        using ModelSession session = ModelSession.Create(model, "the model");
        using NamedValues inputs = SyntheticInputs.Make(session.Inputs, seed: 1);
        Line($"model of {model.Length / 1e6:F2} MB; request of {BenchModels.Request(inputs).Length / 1e3:F1} kB as npz, {BenchModels.JsonRequest(inputs).Length / 1e3:F1} kB as JSON; {rounds} rounds, in blocks of {Block} that take turns");
        Line($"| path | bare median ms | with the agent | difference of the pairs, median (95 %) |");
        Line($"|---|---|---|---|");
        await NetworkAsync(model, session, inputs, rounds, idleSeconds);
        await InProcessAsync(model, inputs, rounds);
        return 0;
    }

    /// <summary>The bare loop in a process of its own, for its memory.</summary>
    public static int Bare(string path)
    {
        using ModelSession session = ModelSession.Create(File.ReadAllBytes(path), "the model");
        using NamedValues inputs = SyntheticInputs.Make(session.Inputs, seed: 1);
        using var bare = new BareLoop(session.Session, inputs);
        for (int i = 0; i < 2000; i++)
        {
            bare.Run();
        }

        ProcessReading reading = ProcessReading.Of(Environment.ProcessId);
        Console.WriteLine($"{reading.ResidentBytes} {reading.PrivateBytes}");
        return 0;
    }

    private static async Task NetworkAsync(byte[] model, ModelSession session, NamedValues inputs, int rounds, double idleSeconds)
    {
        using var bare = new BareLoop(session.Session, inputs);
        foreach (bool secure in (bool[])[false, true])
        {
            using AgentRig rig = await AgentRig.StartAsync(secure);
            using HttpClient client = rig.Client();
            await AgentRig.CommitAsync(client, await rig.DeployAsync(client, model));
            foreach ((string type, byte[] body) in ((string, byte[])[])[(Npz.MediaType, BenchModels.Request(inputs)), ("application/json", BenchModels.JsonRequest(inputs))])
            {
                using BareConnection connection = rig.Connect();
                byte[] prepared = connection.Prepare(body, type);
                List<double>[] measured = await InTurnsAsync(
                    Warm,
                    rounds,
                    () => ValueTask.FromResult(Once(bare)),
                    () => ValueTask.FromResult(Exchange(connection, prepared)),
                    async () => await PostAsync(client, body, type));
                string what = $"{(secure ? "mutual TLS" : "plain")}, {type}";
                Row(what, measured[0], measured[1]);
                Row($"{what}, with .NET's HttpClient", measured[0], measured[2]);
            }

            if (secure)
            {
                await IdleAsync(rig, model, idleSeconds);
            }
        }
    }

    private static double Exchange(BareConnection connection, byte[] prepared)
    {
        long start = Stopwatch.GetTimestamp();
        connection.Exchange(prepared);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task<double> PostAsync(HttpClient client, byte[] body, string type)
    {
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await Requests.PostAsync(client, body, type);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task IdleAsync(AgentRig rig, byte[] model, double seconds)
    {
        await Task.Delay(TimeSpan.FromSeconds(10)); // what the compiler still has to do behind the requests
        ProcessReading before = ProcessReading.Of(rig.Process.Id);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        ProcessReading after = ProcessReading.Of(rig.Process.Id);
        string file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, model);
        using var bare = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Self(), "bare", file]) { RedirectStandardOutput = true })!;
        long[] of = [.. (await bare.StandardOutput.ReadToEndAsync()).Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture))];
        File.Delete(file);
        Line($"");
        Line($"memory: the agent {after.ResidentBytes / 1e6:F1} MB resident ({after.PrivateBytes / 1e6:F1} its own), bare {of[0] / 1e6:F1} ({of[1] / 1e6:F1}): {(after.ResidentBytes - of[0]) / 1e6:F1} MB more ({(after.PrivateBytes - of[1]) / 1e6:F1} its own)");
        Line($"idle: {(after.ProcessorSeconds - before.ProcessorSeconds) / seconds * 100:F2} % of one core over {seconds} s, {after.Threads} threads");
        Line($"");
    }

    private static string[] Self() => Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    /// <summary>What the agent adds in its process alone.</summary>
    public static async Task<int> InProcessAsync(int rounds)
    {
        byte[] model = BenchModels.ThreeMegabytes();
        using ModelSession described = ModelSession.Create(model, "the model");
        using NamedValues inputs = SyntheticInputs.Make(described.Inputs, seed: 1);
        await InProcessAsync(model, inputs, rounds);
        return 0;
    }

    private static async Task InProcessAsync(byte[] model, NamedValues inputs, int rounds)
    {
        // One session for both: two would drive each other's weights out of the processor's cache.
        ModelSession session = ModelSession.Create(model, "the model");
        using var host = new ModelHost();
        host.Switch(new ServedModel(ModelDigest.FromHash(new byte[32]), session)); // which disposes it
        using var bare = new BareLoop(session.Session, inputs);
        using var gate = new InferenceGate(1, 1, 1 << 20, TimeProvider.System);
        IServiceCollection collection = new ServiceCollection().AddMetrics();
        MetricsExport.Add(collection, otlp: null, version: "bench");
        await using ServiceProvider services = collection.BuildServiceProvider();
        _ = services.GetRequiredService<MeterProvider>(); // which listens, as in the agent
        var runner = new InferenceRunner(new InferenceMetrics(services.GetRequiredService<IMeterFactory>()));
        double Agent()
        {
            long start = Stopwatch.GetTimestamp();
            ValueTask<InferenceSlot> entering = gate.EnterAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
            InferenceSlot slot = entering.IsCompleted ? entering.Result : entering.AsTask().GetAwaiter().GetResult();
            host.TryEnter(out ModelLease? lease);
            using (lease)
            {
                runner.Run(lease!, inputs, slot, TimeSpan.FromSeconds(30), out _).Dispose();
            }

            gate.Leave(slot);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        List<double>[] measured = await InTurnsAsync(
            WarmInProcess, rounds, () => ValueTask.FromResult(Once(bare)), () => ValueTask.FromResult(Agent()), () => ValueTask.FromResult(Once(bare)));
        Row("in process", measured[0], measured[1]);
        Row("bare against bare, the error of this table", measured[0], measured[2]);
    }

    /// <summary>
    /// Times of each of some things, in blocks that take turns: the agent has its weights and this process its own, and each its code, and
    /// one by one each would find them driven out of the processor's cache.
    /// </summary>
    private static async Task<List<double>[]> InTurnsAsync(int warm, int rounds, params Func<ValueTask<double>>[] things)
    {
        List<double>[] measured = [.. things.Select(_ => new List<double>())];
        for (int i = -warm / Block; i < rounds / Block; i++)
        {
            for (int turn = 0; turn < things.Length; turn++)
            {
                int which = (turn + i + warm) % things.Length;
                for (int j = -Settle; j < Block; j++)
                {
                    double taken = await things[which]();
                    if (i >= 0 && j >= 0)
                    {
                        measured[which].Add(taken);
                    }
                }
            }
        }

        return measured;
    }

    private static double Once(BareLoop bare)
    {
        long start = Stopwatch.GetTimestamp();
        bare.Run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Row(string what, List<double> bare, List<double> over)
    {
        Interval difference = Order.MedianInterval([.. bare.Zip(over, (a, b) => b - a)]);
        double before = Order.Median([.. bare]);
        Line($"| {what} | {before:F4} | {Order.Median([.. over]):F4} | {difference.Median:F4} ms ({difference.Low:F4} to {difference.High:F4}), {difference.Median / before * 100:F1} % |");
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
