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
    private const int InputOutputError = 5;
    private const string Ends = "old or new, whole; nothing acknowledged is lost";

    private static readonly int EachAlone = Environment.GetEnvironmentVariable("EDGEPRUNE_NIGHTLY") == "1" ? int.MaxValue : 8;

    private static readonly int Seeds = Environment.GetEnvironmentVariable("EDGEPRUNE_NIGHTLY") == "1" ? 2_000 : 25;

    internal static FaultSection Section { get; } = new(
        "Power cuts",
        typeof(PowerLossTests),
        "The file operations of a real process are recorded. After each one the power goes: everything flushed is there; of the rest "
            + "every selection, with writes torn at sectors, lengths without bytes, names without contents and the other way round, is "
            + "laid out and opened. A whole, verified model serves before any repair and after it, old or new; whatever had been "
            + "acknowledged is there.",
        [
            .. DeviceScenario.All.Select(s => new FaultCase($"power cut: {s.Name}", Ends, () => Run(s))),
            new FaultCase("power cut after a flush that failed and was tried again: deploy and roll back", Ends, FailedFlushes),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Power_cut(string fault) => Section.RunAsync(fault);

    private static void Run(DeviceScenario scenario)
    {
        string library = Shim.Require();
        using var ram = new RamFolder();
        Device device = new Device(ram.File("recorded")).CreateOutside();
        scenario.Prepare(device);
        var disk = new DiskModel(device.Disk);
        using (OperationChild child = OperationChild.Start(library))
        {
            (int operations, string ending) = child.Act(scenario.Name, device.Root, ram.File("log"))!.Value;
            Assert.Equal("done", ending);
            Assert.True(operations > 10, $"{operations} operations were recorded");
        }

        CutEverywhere(device, scenario, disk, Operation.Load(ram.File("log")), ram.File("trial"), from: 0);
    }

    // Power cuts before the flush that fails are those of the scenario in which none does.
    private static void FailedFlushes()
    {
        DeviceScenario scenario = DeviceScenario.TriedAgain;
        string library = Shim.Require();
        using var ram = new RamFolder();
        Device device = new Device(ram.File("recorded")).CreateOutside();
        scenario.Prepare(device);
        RamFolder.Copy(device.Disk, ram.File("prepared"));
        using OperationChild child = OperationChild.Start(library);
        int failed = 0;
        for (int at = 1; ; at++)
        {
            Directory.Delete(device.Disk, recursive: true);
            RamFolder.Copy(ram.File("prepared"), device.Disk);
            var disk = new DiskModel(device.Disk);
            (int operations, string ending) = child.Act(scenario.Name, device.Root, ram.File("log"), at, InputOutputError)!.Value;
            if (at > operations)
            {
                break;
            }

            List<Operation> recorded = [.. Operation.Load(ram.File("log"))];
            int error = recorded.FindIndex(o => o.Kind == 'E');
            if (error >= 0 && recorded[error].Other[0] == 'F')
            {
                Assert.Equal("done", ending);
                CutEverywhere(device, scenario, disk, recorded, ram.File("trial"), from: error);
                failed++;
            }
        }

        Assert.True(failed > 10, $"{failed} flushes failed");
    }

    private static void CutEverywhere(Device device, DeviceScenario scenario, DiskModel disk, IEnumerable<Operation> recorded, string folder, int from)
    {
        IReadOnlyList<Operation> operations = [.. recorded.Where(o => o.Kind != 'E')];
        Assert.Contains(operations, o => o.Kind == 'F' && Directory.Exists(Path.Combine(device.Disk, o.Path)));
        var trial = new PowerLossTrial(device, scenario.Name, folder);
        int manyPending = 0;
        for (int done = 0; done <= operations.Count; done++)
        {
            if (done > 0)
            {
                disk.Apply(operations[done - 1]);
            }

            if (done < from)
            {
                continue;
            }

            IReadOnlyList<IPending> pending = disk.Pending();
            trial.At(operations, done);
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

        TestContext.Current.TestOutputHelper!.WriteLine($"{operations.Count} operations, {trial.Tried} selections, {trial.Opened} different disks opened, {manyPending} points with more than {Exhaustive} pending");
        Assert.True(trial.Opened > (operations.Count - from) / 2);
    }
}
