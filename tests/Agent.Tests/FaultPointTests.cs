using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Faults;
using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Tests;

/// <summary>
/// Every named fault point: the old model or the new one, whole. Errors at every hit of it in every scenario; kills, each of which takes
/// a process, at the last hit in one of the scenarios that come by it, the next for the next point, because
/// <see cref="Faults.OperationFaultTests"/> kills at the file operations of all of them.
/// </summary>
public sealed class FaultPointTests(ITestOutputHelper output)
{
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("EDGEPRUNE_NIGHTLY") == "1";

    public static TheoryData<string> Points => [.. FaultPoint.All];

    [Theory]
    [MemberData(nameof(Points))]
    public void Killed_at_a_fault_point_the_store_serves_old_or_new(string point)
    {
        int kills = 0;
        (Scenario Scenario, int Hits)[] hitting = [.. Hits(point).Where(h => h.Hits > 0)];
        Assert.True(hitting.Length > 0, "no scenario comes by this point");
        foreach ((Scenario scenario, int hits) in Nightly ? hitting : [hitting[FaultPoint.All.IndexOf(point) % hitting.Length]])
        {
            for (int occurrence = Nightly ? 1 : hits; occurrence <= hits; occurrence++)
            {
                using var temp = new RamFolder();
                ScenarioFolders folders = new ScenarioFolders(temp.Path).CreateModels();
                scenario.Prepare(folders);
                using (var child = Child.Start("fault", folders.Root, scenario.Name, point, occurrence.ToString()))
                {
                    (int code, string errors) = child.Wait();
                    Assert.True(code is 137 or -1, $"{scenario.Name}: exit code {code}: {errors}"); // 128 + SIGKILL; -1 on Windows
                }

                AssertOldOrNew(folders, scenario);
                kills++;
            }
        }

        output.WriteLine($"{kills} kills");
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void A_disk_error_at_a_fault_point_leaves_old_or_new(string point)
    {
        int errors = 0;
        foreach ((Scenario scenario, int hits) in Hits(point))
        {
            for (int occurrence = 1; occurrence <= hits; occurrence++)
            {
                foreach (bool repeat in (bool[])[false, true])
                {
                    using var temp = new RamFolder();
                    ScenarioFolders folders = new ScenarioFolders(temp.Path).CreateModels();
                    scenario.Prepare(folders);
                    var faults = new FaultInjector();
                    using (faults.Arm(point, occurrence, repeat, () => throw new IOException("injected")))
                    {
                        // Some errors are dealt with on the spot (collecting garbage); the others must be these very ones.
                        Exception? seen = Record.Exception(() => scenario.Act(folders, new ModelStoreOptions { FaultPoints = faults }));
                        Assert.True(seen is null or IOException { Message: "injected" }, $"{scenario.Name}: {seen}");
                    }

                    Assert.True(faults.Fired > 0, scenario.Name);
                    AssertOldOrNew(folders, scenario);
                    errors++;
                }
            }
        }

        Assert.True(errors > 0, "no scenario comes by this point");
    }

    private static void AssertOldOrNew(ScenarioFolders folders, Scenario scenario)
    {
        ModelDigest?[] allowed = [Digest(folders, scenario.Old), Digest(folders, scenario.New)];
        Invariant.AssertServes(folders.Store, allowed);
        Invariant.AssertReopens(folders, allowed);
        Invariant.AssertDeploys(folders, "d");
    }

    private static ModelDigest? Digest(ScenarioFolders folders, string? name) => name is null ? null : folders.DigestOf(name);

    private static IEnumerable<(Scenario Scenario, int Hits)> Hits(string point)
    {
        foreach (Scenario scenario in Scenario.All)
        {
            using var temp = new RamFolder();
            ScenarioFolders folders = new ScenarioFolders(temp.Path).CreateModels();
            scenario.Prepare(folders);
            var faults = new FaultInjector();
            scenario.Act(folders, new ModelStoreOptions { FaultPoints = faults });
            yield return (scenario, faults.Hits.Count(h => h == point));
        }
    }
}
