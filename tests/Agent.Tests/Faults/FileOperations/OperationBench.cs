using EdgePrune.Agent.CrashChild.Operations;

namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>A scenario that can be acted again and again from the same beginning.</summary>
internal sealed class OperationBench : IDisposable
{
    private readonly RamFolder ram = new();
    private readonly string scenario;
    private readonly string library;
    private readonly Device prepared;
    private readonly Device device;
    private readonly int lockedFrom;

    public OperationBench(string scenario)
    {
        library = Shim.Require();
        this.scenario = scenario;
        prepared = new Device(Path.Combine(ram.Path, "prepared")).CreateOutside();
        DeviceScenario.All.Single(s => s.Name == scenario).Prepare(prepared);
        device = new Device(Path.Combine(ram.Path, "device"));
        Directory.CreateDirectory(device.Root);
        Directory.CreateSymbolicLink(Path.Combine(device.Root, "outside"), Path.Combine(prepared.Root, "outside"));
        using OperationChild child = StartChild();
        (Operations, string ending) = child.Act(scenario, Fresh(), Log)!.Value;
        Assert.Equal("done", ending);

        // The lock is taken by opening its file, which a store that exists does among its first operations.
        for (int at = 1; lockedFrom == 0; at++)
        {
            string answer = child.Act(scenario, Fresh(), Log, at, 2)!.Value.Ending;
            lockedFrom = answer.Contains("lock", StringComparison.Ordinal) ? at : at > 20 ? int.MaxValue : 0;
        }

        Check("nothing goes wrong");
    }

    /// <summary>How many there are when all goes well.</summary>
    public int Operations { get; }

    public string Log => Path.Combine(ram.Path, "log");

    public IReadOnlyList<string> Marks => File.Exists(Log) ? [.. Operation.Load(Log).Where(o => o.Kind == 'M').Select(o => o.Path)] : [];

    /// <summary>Whether the store is locked while an operation is under way.</summary>
    public bool IsLocked(int operation) => operation > lockedFrom;

    public OperationChild StartChild() => OperationChild.Start(library);

    /// <summary>The disk as it is at the beginning.</summary>
    /// <returns>The device's root.</returns>
    public string Fresh()
    {
        File.Delete(Log);
        if (Directory.Exists(device.Disk))
        {
            Directory.Delete(device.Disk, recursive: true);
        }

        RamFolder.Copy(prepared.Disk, device.Disk);
        return device.Root;
    }

    public void Check(string what)
    {
        string[] marks = [.. Marks.Where(m => m != "hangs")];
        Exception? problem = Record.Exception(() => DeviceChecks.Check(device, scenario, marks, deployAgain: true));
        if (problem is not null)
        {
            Assert.Fail($"{scenario}, {what}: {problem}");
        }
    }

    public void Dispose() => ram.Dispose();
}
