using EdgePrune.Agent.CrashChild.Operations;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>A scenario that can be acted again and again from the same beginning.</summary>
internal sealed class OperationBench : IDisposable
{
    private const int DeployEvery = 3;

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

    /// <summary>A case in which every operation of a scenario fails in its turn.</summary>
    public static FaultCase Error(string error, string scenario, int number, bool again) => new(
        $"{error}: {scenario}",
        "reported as an error; old or new, whole; nothing acknowledged is lost",
        () => FailEverywhere(scenario, number, again));

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

    /// <param name="what">What has happened, for the message.</param>
    /// <param name="deployAgain">Whether one more deployment is tried too.</param>
    public void Check(string what, bool deployAgain = true)
    {
        string[] marks = [.. Marks.Where(m => m != "hangs")];
        Exception? problem = Record.Exception(() => DeviceChecks.Check(device, scenario, marks, deployAgain));
        if (problem is not null)
        {
            Assert.Fail($"{scenario}, {what}: {problem}");
        }
    }

    public void Dispose() => ram.Dispose();

    private static void FailEverywhere(string scenario, int error, bool again)
    {
        using var bench = new OperationBench(scenario);
        using OperationChild child = bench.StartChild();
        int failed = 0;
        for (int at = 1; at <= bench.Operations; at++)
        {
            (_, string ending) = child.Act(scenario, bench.Fresh(), bench.Log, at, error, again)!.Value;
            failed += ending == "done" ? 0 : 1; // some errors are dealt with on the spot, such as one in collecting garbage
            string type = ending.Split(':')[0];
            Assert.True(type is "done" or nameof(InputException) or nameof(IOException) or nameof(UnauthorizedAccessException), $"operation {at}: {ending}");
            bench.Check($"operation {at} of {bench.Operations} fails, and it ends with {ending}", deployAgain: at % DeployEvery == 0);
        }

        Assert.True(failed > 0, "nothing failed: the test does not test");
    }
}
