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
            .. DeviceScenario.All.Select(s => new FaultCase($"power cut: {s.Name}", Ends, () => Run(s, 0))),
            new FaultCase("power cut after a flush that failed and was tried again: deploy and roll back", Ends, FailedFlushes),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Power_cut(string fault) => Section.RunAsync(fault);

    private static void FailedFlushes()
    {
        int failed = 0;
        for (int at = 1; Run(DeviceScenario.TriedAgain, at, only: 'F') is var went && went != Ending.NoSuchOperation; at++)
        {
            failed += went == Ending.Tried ? 1 : 0;
        }

        Assert.True(failed > 10, $"{failed} flushes failed");
    }

    private static void Run(DeviceScenario scenario, int failAt) => Assert.Equal(Ending.Tried, Run(scenario, failAt, only: null));

    // Where an operation shall fail and is not of the kind asked for, nothing is tried.
    private static Ending Run(DeviceScenario scenario, int failAt, char? only)
    {
        string library = Shim.Require();
        using var ram = new RamFolder();
        Device device = new Device(Path.Combine(ram.Path, "recorded")).CreateOutside();
        scenario.Prepare(device);
        var disk = new DiskModel(device.Disk);
        string log = Path.Combine(ram.Path, "log");
        using (OperationChild child = OperationChild.Start(library))
        {
            (int operations, string ending) = child.Act(scenario.Name, device.Root, log, failAt, InputOutputError)!.Value;
            if (failAt > operations)
            {
                return Ending.NoSuchOperation;
            }

            if (only is not null && !Operation.Load(log).Any(o => o.Kind == 'E' && o.Other[0] == only))
            {
                return Ending.OfAnotherKind;
            }

            Assert.Equal("done", ending);
            Assert.True(operations > 10, $"{operations} operations were recorded");
        }

        IReadOnlyList<Operation> operationsDone = [.. Operation.Load(log).Where(o => o.Kind != 'E')];
        Assert.Contains(operationsDone, o => o.Kind == 'F' && Directory.Exists(Path.Combine(device.Disk, o.Path)));
        var trial = new PowerLossTrial(device, scenario.Name, Path.Combine(ram.Path, "trial"));
        int manyPending = 0;
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
        return Ending.Tried;
    }

    private enum Ending
    {
        Tried,
        OfAnotherKind,
        NoSuchOperation,
    }
}
