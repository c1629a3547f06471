using System.Diagnostics;
using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Store;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests;

/// <summary>A process that deploys, killed at moments that nobody chose.</summary>
public sealed class RandomKillTests(ITestOutputHelper output)
{
    private const int Kills = 200;
    private const int Seed = 20261122;

    [Fact]
    public void Killed_200_times_the_store_serves_old_or_new()
    {
        using var temp = new TempFolder();
        ScenarioFolders folders = new ScenarioFolders(temp.Path).CreateModels();
        Invariant.AssertDeploys(folders, "a");
        ModelDigest a = folders.DigestOf("a");
        ModelDigest b = folders.DigestOf("b");
        TimeSpan span = MeasureSpan(folders);
        var random = new Random(Seed);
        var endings = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int interrupted = 0;
        for (int i = 0; i < Kills; i++)
        {
            using (var child = Child.Start("loop", folders.Root))
            {
                Assert.Equal("opening", child.ReadLine());
                Spin(span * random.NextDouble());
                child.Kill();
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

        output.WriteLine($"delays up to {span.TotalMilliseconds:f0} ms; seed {Seed}; last line at the kill: {string.Join(", ", endings.Select(e => $"{e.Key} {e.Value}"))}");
        Assert.True(interrupted > 0, "no kill came in the middle of a deployment: the test does not test");
        Invariant.AssertReopens(folders, a, b);
    }

    /// <summary>From a process's first touch of the store to the end of its sixth deployment.</summary>
    private static TimeSpan MeasureSpan(ScenarioFolders folders)
    {
        using var child = Child.Start("loop", folders.Root);
        Assert.Equal("opening", child.ReadLine());
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("done", child.ReadLine());
        }

        return Stopwatch.GetElapsedTime(start);
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
