using EdgePrune.Agent.CrashChild.Operations;
using EdgePrune.Agent.Tests.Faults.FileOperations;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>
/// A power cut after every operation of everything that writes, with every selection of what had not been flushed, as far as
/// there are at most three such things, and with selections drawn by lot where there are more.
/// </summary>
public sealed class PowerLossTests
{
    private const int Exhaustive = 3;
    private const int Seed = 20261122;

    private static readonly int EachAlone = Environment.GetEnvironmentVariable("EDGEPRUNE_NIGHTLY") == "1" ? int.MaxValue : 8;

    private static readonly int Seeds = Environment.GetEnvironmentVariable("EDGEPRUNE_NIGHTLY") == "1" ? 2_000 : 25;

    internal static FaultSection Section { get; } = new(
        "Power cuts",
        typeof(PowerLossTests),
        "The file operations of a real process are recorded. After each one the power goes: everything flushed is there; of the rest "
            + "every selection, with writes torn at sectors, lengths without bytes, names without contents and the other way round, is "
            + "laid out and opened. A whole, verified model serves before any repair and after it, old or new; whatever had been "
            + "acknowledged is there.",
        [.. DeviceScenario.All.Select(s => new FaultCase($"power cut: {s.Name}", "old or new, whole; nothing acknowledged is lost", () => Run(s.Name)))]);

    public static TheoryData<string> Cases => Section.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Power_cut(string fault) => Section.RunAsync(fault);

    private static void Run(string scenario)
    {
        string library = Shim.Require();
        using var ram = new RamFolder();
        Device device = new Device(Path.Combine(ram.Path, "recorded")).CreateOutside();
        DeviceScenario.All.Single(s => s.Name == scenario).Prepare(device);
        var disk = new DiskModel(device.Disk);
        string log = Path.Combine(ram.Path, "log");
        using (OperationChild child = OperationChild.Start(library))
        {
            (int operations, string ending) = child.Act(scenario, device.Root, log)!.Value;
            Assert.Equal("done", ending);
            Assert.True(operations > 10, $"{operations} operations were recorded");
        }

        IReadOnlyList<Operation> operationsDone = Operation.Load(log);
        Assert.Contains(operationsDone, o => o.Kind == 'F' && Directory.Exists(Path.Combine(device.Disk, o.Path)));
        var trial = new PowerLossTrial(device, scenario, Path.Combine(ram.Path, "trial"));
        int manyPending = 0;
        var points = new List<(int, IReadOnlyList<IPending>)>();
        for (int done = 0; done <= operationsDone.Count; done++)
        {
            if (done > 0)
            {
                disk.Apply(operationsDone[done - 1]);
            }

            IReadOnlyList<IPending> pending = disk.Pending();
            trial.At(operationsDone, done);
            if (pending.Count <= Exhaustive)
            {
                trial.TryAll(disk, pending);
            }
            else
            {
                manyPending++;
                if (pending.Count <= EachAlone)
                {
                    trial.TryEachAlone(disk, pending);
                }

                trial.TryDrawn(disk, pending, Seeds, Seed + done);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{operationsDone.Count} operations, {trial.Tried} selections, {trial.Opened} different disks opened, {manyPending} points with more than {Exhaustive} pending");
        Assert.True(trial.Opened > operationsDone.Count / 2);
    }
}
