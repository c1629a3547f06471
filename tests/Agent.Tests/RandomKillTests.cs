using System.Diagnostics;
using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Tests;

/// <summary>A process that deploys, killed at moments that nobody chose.</summary>
public sealed class RandomKillTests(ITestOutputHelper output)
{
    // Each file operation is killed at by the fault table; this adds the moments between them.
    private static readonly int Kills = Environment.GetEnvironmentVariable("EDGEPRUNE_NIGHTLY") == "1" ? 200 : 60;
    private const int Seed = 20261122;

    [Fact]
    public void Killed_at_random_the_store_serves_old_or_new()
    {
        using var temp = new RamFolder();
        ScenarioFolders folders = new ScenarioFolders(temp.Path).CreateModels();
        Invariant.AssertDeploys(folders, "a");
        ModelDigest a = folders.DigestOf("a");
        ModelDigest b = folders.DigestOf("b");
        var random = new Random(Seed);
        TimeSpan opening = TimeSpan.FromMilliseconds(100);
        var endings = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int interrupted = 0;
        for (int i = 0; i < Kills; i++)
        {
            using (var child = Child.Start("loop", folders.Root))
            {
                Assert.Equal("opening", child.ReadLine());
                opening = WaitAndKill(child, opening, random);
            }

            Invariant.AssertServes(folders.Store, a, b);
            string ending = new StoreReader(folders.Store).ReadHistory()[^1].State.ToString();
            endings[ending] = endings.GetValueOrDefault(ending) + 1;

            // Every other time the next process, which will be killed as well, has to do the recovery.
            if (i % 2 == 0)
            {
                using (ModelStore store = ModelStore.Open(folders.Store))
                {
                    interrupted += store.Recovered is null ? 0 : 1;
                }

                Invariant.AssertReopens(folders, a, b);
                Invariant.AssertDeploys(folders, new StoreReader(folders.Store).Current == a ? "b" : "a");
            }
        }

        output.WriteLine($"{interrupted} of {Kills / 2} looked at were in the middle of a deployment; seed {Seed}; last line at the kill: {string.Join(", ", endings.Select(e => $"{e.Key} {e.Value}"))}");
        Assert.True(interrupted > 0, "no kill came in the middle of a deployment: the test does not test");
        Invariant.AssertReopens(folders, a, b);
    }

    // Machines differ, and one machine differs from minute to minute when its cores are shared: the delay is drawn over what the
    // step took this very process (a later deployment) or the one before (opening and the first deployment).
    private static TimeSpan WaitAndKill(Child child, TimeSpan opening, Random random)
    {
        if (random.Next(2) == 0)
        {
            Spin(opening * random.NextDouble());
            child.Kill();
            return opening;
        }

        long start = Stopwatch.GetTimestamp();
        Assert.Equal("done", child.ReadLine());
        TimeSpan first = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        Assert.Equal("done", child.ReadLine());
        Spin(Stopwatch.GetElapsedTime(start) * random.NextDouble());
        child.Kill();
        return first;
    }

    // Sleeping is only exact to a millisecond or so, which is as long as a step takes.
    private static void Spin(TimeSpan delay)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < delay)
        {
            Thread.SpinWait(100);
        }
    }
}
