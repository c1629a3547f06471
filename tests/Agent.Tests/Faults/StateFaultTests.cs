using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Faults;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>Every state of a deployment × {error, kill -9, hang}.</summary>
public sealed class StateFaultTests
{
    private static readonly (string State, string Point, string Scenario)[] States =
    [
        ("received", FaultPoint.Received, "deploy"),
        ("verified", FaultPoint.Verified, "deploy"),
        ("staged", FaultPoint.Staged, "deploy"),
        ("preflight", FaultPoint.Preflight, "deploy"),
        ("switched", FaultPoint.Switched, "deploy"),
        ("probation", FaultPoint.Probation, "deploy"),
        ("committed", FaultPoint.Committed, "deploy"),
        ("rolled-back", FaultPoint.RolledBack, "roll back from probation"),
        ("refused", FaultPoint.Refused, "refuse"),
    ];

    internal static FaultSection Section { get; } = new(
        "States of a deployment",
        typeof(StateFaultTests),
        "Just after the state has been reached. The next opening of the store ends what is undecided, and the next deployment works.",
        [
            .. States.Select(s => new FaultCase($"disk error in the state {s.State}", "old or new, whole", () => Fail(s.Point, s.Scenario))),
            .. States.Select(s => new FaultCase($"kill -9 in the state {s.State}", "old or new, whole", () => Kill(s.Point, s.Scenario))),
            .. States.Select(s => new FaultCase($"hang in the state {s.State}", "others still read; the store stays locked; old or new after kill -9", () => Hang(s.Point, s.Scenario))),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task State_fault(string fault) => Section.RunAsync(fault);

    [Fact]
    public void Every_state_of_the_journal_is_in_the_table() =>
        Assert.Equal(Enum.GetNames<DeploymentState>().Length, States.Length);

    private static void Fail(string point, string name)
    {
        foreach (bool repeat in (bool[])[false, true])
        {
            using var temp = new RamFolder();
            (ScenarioFolders folders, Scenario scenario) = Prepare(temp, name);
            var faults = new FaultInjector();
            using (faults.Arm(point, 1, repeat, () => throw new IOException("injected")))
            {
                Exception? seen = Record.Exception(() => scenario.Act(folders, new ModelStoreOptions { FaultPoints = faults }));
                Assert.True(seen is null or IOException { Message: "injected" }, $"{seen}");
            }

            Assert.True(faults.Fired > 0);
            AssertOldOrNew(folders, scenario);
        }
    }

    private static void Kill(string point, string name)
    {
        using var temp = new RamFolder();
        (ScenarioFolders folders, Scenario scenario) = Prepare(temp, name);
        using (var child = Child.Start("fault", folders.Root, name, point, "1"))
        {
            (int code, string errors) = child.Wait();
            Assert.True(code is 137 or -1, $"exit code {code}: {errors}"); // 128 + SIGKILL; -1 on Windows
        }

        AssertOldOrNew(folders, scenario);
    }

    private static void Hang(string point, string name)
    {
        using var temp = new RamFolder();
        (ScenarioFolders folders, Scenario scenario) = Prepare(temp, name);
        using (var child = Child.Start("hang", folders.Root, name, point, "1"))
        {
            Assert.Equal("hung", child.ReadLine());
            Invariant.AssertServes(folders.Store, Allowed(folders, scenario));
            Assert.Contains("in use by another process", Assert.Throws<InputException>(() => ModelStore.Open(folders.Store)).Message, StringComparison.Ordinal);
            child.Kill();
        }

        AssertOldOrNew(folders, scenario);
    }

    private static (ScenarioFolders Folders, Scenario Scenario) Prepare(RamFolder temp, string name)
    {
        ScenarioFolders folders = new ScenarioFolders(temp.Path).CreateModels();
        Scenario scenario = Scenario.All.Single(s => s.Name == name);
        scenario.Prepare(folders);
        return (folders, scenario);
    }

    private static void AssertOldOrNew(ScenarioFolders folders, Scenario scenario)
    {
        ModelDigest?[] allowed = Allowed(folders, scenario);
        Invariant.AssertServes(folders.Store, allowed);
        Invariant.AssertReopens(folders, allowed);
        Invariant.AssertDeploys(folders, "d");
    }

    private static ModelDigest?[] Allowed(ScenarioFolders folders, Scenario scenario) =>
        [.. new[] { scenario.Old, scenario.New }.Select(n => n is null ? null : folders.DigestOf(n))];
}
