using EdgePrune.Agent.CrashChild.Operations;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Tests.Faults.FileOperations;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>Every file operation of everything that writes, each in its turn, does not go well.</summary>
public sealed class OperationFaultTests
{
    private const int NoSpace = 28;
    private const int ReadOnly = 30;

    // Each takes a process of its own; the others have the same operations in another order.
    private const string KilledEverywhere = "deploy and commit";
    private const int KillEvery = 8;

    private static readonly bool Nightly = Environment.GetEnvironmentVariable("EDGEPRUNE_NIGHTLY") == "1";

    internal static FaultSection Section { get; } = new(
        "File operations: disks that are full or read-only, processes that end or hang",
        typeof(OperationFaultTests),
        "As above; ENOSPC comes with half a write first, as it does in life, and then for whatever takes space; EROFS for whatever writes.",
        [
            .. DeviceScenario.All.Select(s => OperationBench.Error("ENOSPC from then on", s.Name, NoSpace, again: true)),
            .. DeviceScenario.All.Select(s => OperationBench.Error("EROFS from then on", s.Name, ReadOnly, again: true)),
            .. DeviceScenario.All.Select(s => new FaultCase(
                $"kill -9 at every {(s.Name == KilledEverywhere ? "" : "eighth ")}operation: {s.Name}",
                "old or new, whole; nothing acknowledged is lost",
                () => KillEverywhere(s.Name, Nightly || s.Name == KilledEverywhere ? 1 : KillEvery))),
            new FaultCase("every fourth operation hangs: deploy and commit", "others still read; the store stays locked; old or new after kill -9", () => HangEverywhere("deploy and commit")),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Operation_fault(string fault) => Section.RunAsync(fault);

    private static void KillEverywhere(string scenario, int step)
    {
        using var bench = new OperationBench(scenario);
        for (int at = step; at <= bench.Operations; at += step)
        {
            using OperationChild child = bench.StartChild();
            Assert.Null(child.Act(scenario, bench.Fresh(), bench.Log, at, CrashChild.Operations.FileOperations.Kill));
            Assert.Equal(137, child.WaitForExit()); // 128 + SIGKILL
            bench.Check($"killed at operation {at} of {bench.Operations}");
        }
    }

    private static void HangEverywhere(string scenario)
    {
        using var bench = new OperationBench(scenario);
        for (int at = 2; at <= bench.Operations; at += Nightly ? 1 : 4)
        {
            using OperationChild child = bench.StartChild();
            string root = bench.Fresh();
            child.Order(scenario, root, bench.Log, at, CrashChild.Operations.FileOperations.Hang, failAgain: false);
            SpinWait.SpinUntil(() => bench.Marks.Contains("hangs") || child.HasExited);
            Assert.False(child.HasExited);
            var device = new Device(root);
            Invariant.AssertServes(device.Store, device.DigestOf("a"), device.DigestOf("b"));
            if (File.Exists(Path.Combine(device.Store, "lock")) && bench.IsLocked(at))
            {
                Assert.Contains("in use by another process", Assert.Throws<InputException>(() => ModelStore.Open(device.Store)).Message, StringComparison.Ordinal);
            }

            child.Kill();
            bench.Check($"hung at operation {at} of {bench.Operations}");
        }
    }
}
