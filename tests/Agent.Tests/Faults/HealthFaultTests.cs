using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Tests.Service;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>Models that are whole and rightly signed, and that do not do what a model is for.</summary>
public sealed class HealthFaultTests
{
    private const long Gibibyte = 1L << 30;

    /// <summary>For models that are about something else than their speed, and that only a request or the clock ends.</summary>
    private static readonly BundleGates Patient = new() { ProbationRequests = 1_000_000, MinRequests = 20, ProbationSeconds = 600, MaxLatencyRatio = 1000 };

    private static readonly BundleGates AnySpeed = Patient with { ProbationRequests = 30 };

    private static readonly Lazy<Task<TriedAgent>> Plain = new(() => TriedAgent.StartAsync(settings: ("inference:deadlineSeconds", "1")));

    /// <summary>Its bad models meet a child process first.</summary>
    private static readonly Lazy<Task<TriedAgent>> Careful = new(() => TriedAgent.StartAsync(realPreflight: true, ("limits:preflightBytes", $"{Gibibyte / 2}")));

    internal static FaultSection Section { get; } = new(
        "Health",
        typeof(HealthFaultTests),
        "Models that load and do not do what they are for, on their way through a real service. Requests are answered rightly "
            + "throughout; after each the good model serves, and every end that was told is still told.",
        [
            new("preflight: out of memory", "child killed; refused", async () => Says("more memory than allowed", await Child(TrialModels.Greedy(2), Number("input.x", 4e8f)))),
            new("preflight: hangs", "child killed; refused", HangsInPreflight),
            new("preflight: child killed by somebody else", "refused", KilledInPreflight),
            new("preflight: other answers than the canaries expect", "refused", async () => Says("0 of 5 canaries", await Child(ServiceFixture.Model(3), TrialModels.Canaries(2)))),
            new("preflight: fails on a canary", "refused", async () => Says("canary 0", await Child(TrialModels.FailingAbove7(2), Number("input.x", 9)))),
            new("before the switch: NaN for one canary of ten", "refused, whatever share the gates allow", async () => Says("NaN", await Refused(TrialModels.NotANumberAbove100(2), AnySpeed with { MinCanaries = 0.5 }, Outlier(200)))),
            new("before the switch: an infinity for one canary of ten", "refused, whatever share the gates allow", async () => Says("infinity", await Refused(TrialModels.InfinityAbove89(2), AnySpeed with { MinCanaries = 0.5 }, Outlier(200)))),
            new("before the switch: other answers than the canaries expect", "refused", async () => Says("0 of 5 canaries", await Refused(ServiceFixture.Model(3), AnySpeed, TrialModels.Canaries(2)))),
            new("before the switch: another shape than the canaries expect", "refused", async () => Says("another shape", await Refused(TrialModels.OtherShape(), AnySpeed, TrialModels.Canaries(2)))),
            new("before the switch: accuracy falls on labelled canaries", "refused", async () => Says("falls by 100.00 points", await Refused(ServiceFixture.Model(-2), AnySpeed with { MaxAccuracyDrop = 20 }, Labelled()))),
            new("before the switch: inputs of another shape", "refused", async () => Says("its inputs are not those", await Refused(TrialModels.Batched(2, 1), AnySpeed))),
            new("before the switch: outputs of another type", "refused", async () => Says("its outputs are not those", await Refused(TrialModels.OtherType(), AnySpeed))),
            new("probation: NaN for a request", "the model before answers; rolled back at once", () => FailsOn(TrialModels.NotANumberAbove100(3), [200, 1, 1, 1], "NaN or an infinity")),
            new("probation: an infinity for a request", "the model before answers; rolled back at once", () => FailsOn(TrialModels.InfinityAbove89(3), [200, 1, 1, 1], "NaN or an infinity")),
            new("probation: fails on a request", "the model before answers; rolled back at once", () => FailsOn(TrialModels.FailingAbove7(3), [9, 1, 1, 1], "it failed on a request")),
            new("probation: out of memory on a request", "the model before answers; rolled back at once", () => FailsOn(TrialModels.Greedy(3), [1, 1, 1, 1e15f], "it failed on a request")),
            new("probation: hangs on a request", "ended at half of the deadline, the model before answers; rolled back at once", () => FailsOn(TrialModels.Endless(), [1, 1, 1, 1e9f], "did not answer within")),
            new("probation: outputs of another shape", "rolled back", async () => Says("another shape", await GoesBack(TrialModels.OtherShape(), AnySpeed))),
            new("probation: slower", "rolled back", async () => Says("latency (measured) is", await GoesBack(TrialModels.Slow(2), AnySpeed with { MaxLatencyRatio = null }))),
            new("probation: hungrier", "rolled back", Hungrier),
            new("probation: answers that disagree", "rolled back", Disagrees),
            new("probation: nobody decides", "rolled back when its time is up", Undecided),
            new("probation: the agent is killed", "the model before serves when it is back; the journal says why", DiesOnProbation),
            new("committed: brings the agent down at each start", "left behind after so many times, and remembered as bad; with none to go back to nothing serves, and it is said", CrashLoopTests.LeaveBehindAsync),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Health_fault(string fault) => Section.RunAsync(fault);

    private static void Says(string expected, string reasons) => Assert.Contains(expected, reasons, StringComparison.Ordinal);

    private static async Task<string> Child(byte[] model, byte[] canaries)
    {
        string reason = await (await Careful.Value).RefusedAsync(model, AnySpeed, canaries);
        Says("the preflight refused the model", reason);
        return reason;
    }

    private static async Task<string> Refused(byte[] model, BundleGates gates, byte[]? canaries = null) =>
        await (await Plain.Value).RefusedAsync(model, gates, canaries);

    private static async Task<string> GoesBack(byte[] model, BundleGates gates)
    {
        TriedAgent agent = await Plain.Value;
        return await agent.GoesBackAsync(agent.Bundle(model, gates));
    }

    // One canary, its last number the one that counts.
    private static byte[] Number(string name, float value) => TrialModels.Npz((name, [value, 1, 1, value], [1, 4]));

    // Ten canaries with their right answers; the last has an unusual number.
    private static byte[] Outlier(float value)
    {
        float[] x = [.. Enumerable.Repeat(1f, 39), value];
        return TrialModels.Npz(("input.x", x, [10, 4]), ("output.y", [.. x.Select(v => 2 * v)], [10, 4]));
    }

    private static byte[] Labelled() => TrialModels.Npz(("input.x", [9, 0, 0, 1, 0, 9, 0, 1], [2, 4]), ("labels", [0, 1], [2]));

    private static async Task FailsOn(byte[] model, float[] request, string because)
    {
        TriedAgent agent = await Plain.Value;
        foreach (string wait in (string[])["agent", "decide"])
        {
            string reasons = await agent.GoesBackAsync(agent.Bundle(model, Patient), wait, async () =>
            {
                Assert.Equal(request.Select(x => 2 * x), await ServiceFixture.AnswerAsync(agent.Client, request));
                Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(agent.Client, 1, 1, 1, 1)); // at once, whatever the disk does
            });
            Says(because, reasons);
            Says("the model before it", reasons);
        }
    }

    private static async Task HangsInPreflight()
    {
        TriedAgent agent = await TriedAgent.StartAsync(realPreflight: true, ("limits:preflightSeconds", "1"));
        await using ServiceFixture _ = agent.Fixture;
        Says("did not end within 1 s", await agent.RefusedAsync(TrialModels.Endless(), AnySpeed, Number("input.x", 1e12f)));
    }

    private static async Task KilledInPreflight()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "finds the child in /proc");
        TriedAgent agent = await Careful.Value;
        Task<string> refused = agent.RefusedAsync(TrialModels.Endless(), AnySpeed, Number("input.x", 1e12f));
        int child;
        while ((child = PreflightChild(agent.Fixture.Data)) == 0 && !refused.IsCompleted)
        {
            await Task.Delay(10, Cancel);
        }

        using (var process = Process.GetProcessById(child))
        {
            process.Kill(); // SIGKILL, as the kernel does when memory is short
        }

        Says("exit code 137", await refused);
    }

    // Other tests have children of their own: this one's works on a model of this folder.
    private static int PreflightChild(string data)
    {
        foreach (string folder in Directory.GetDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                string parent = File.ReadAllText(Path.Combine(folder, "stat")).Split(") ")[^1].Split(' ')[1];
                if (parent == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
                    && File.ReadAllText(Path.Combine(folder, "cmdline")) is var line && line.Contains("preflight", StringComparison.Ordinal) && line.Contains(data, StringComparison.Ordinal))
                {
                    return int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                continue; // it has ended meanwhile
            }
        }

        return 0;
    }

    private static async Task Hungrier()
    {
        TriedAgent agent = await TriedAgent.StartAsync();
        await using ServiceFixture f = agent.Fixture;
        f.Energy = new CountingEnergy(watts: 3);
        await agent.RestartAsync();
        Says("not certainly within the 90 % that is allowed", await agent.GoesBackAsync(agent.Bundle(TrialModels.Slow(2), AnySpeed with { MaxEnergyRatio = 0.9 })));
    }

    private static async Task Disagrees()
    {
        TriedAgent agent = await Plain.Value;
        byte[] canaries = TrialModels.Npz(("input.x", [1, 2, 3, 4], [1, 4])); // nothing is expected of them: what the model before says counts
        Says("0 of 30 answers", await agent.GoesBackAsync(agent.Bundle(ServiceFixture.Model(2.5f), AnySpeed with { MinAgreement = 0.9 }, canaries)));
    }

    private static async Task Undecided()
    {
        TriedAgent agent = await Plain.Value;
        Says("nobody decided", await agent.GoesBackAsync(agent.Bundle(ServiceFixture.Model(3), Patient with { ProbationSeconds = 1 }), "decide"));
    }

    private static async Task DiesOnProbation()
    {
        await using ServiceFixture f = (await TriedAgent.StartAsync()).Fixture;
        await f.StopAsync();
        string id;
        using (AgentProcess agent = await AgentProcess.StartAsync(f))
        {
            JsonElement begun = await ServiceFixture.JsonAsync(await ServiceFixture.TryDeployAsync(agent.Client, f.Bundle(2, ServiceFixture.Model(3), gates: Patient), "agent"));
            id = begun.GetProperty("id").GetString()!;
            Assert.Equal(new float[] { 3, 3, 3, 3 }, await ServiceFixture.AnswerAsync(agent.Client, 1, 1, 1, 1));
            agent.Kill();
        }

        using AgentProcess next = await AgentProcess.StartAsync(f);
        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(next.Client, 1, 1, 1, 1));
        JsonElement ended = await ServiceFixture.DecidedAsync(next.Client, id);
        Assert.Equal("rolled-back", ended.GetProperty("state").GetString());
        Assert.Equal(ModelStore.InterruptedReason, ended.GetProperty("steps").EnumerateArray().Last().GetProperty("reason").GetString());
        Invariant.AssertServes(Path.Combine(f.Data, "store"), ModelDigest.FromHash(SHA256.HashData(ServiceFixture.Model(2))));
    }
}
