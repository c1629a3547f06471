using System.Security.Cryptography;
using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Tests;

/// <summary>What must hold of a store after anything at all.</summary>
internal static class Invariant
{
    /// <summary>Looks at the store as a reader does, before anybody has repaired it: one of the models allowed, whole.</summary>
    public static ModelDigest? AssertServes(string store, params ModelDigest?[] allowed)
    {
        string link = Path.Combine(store, "current");
        ModelDigest? raw = File.Exists(link) ? ModelDigest.FromHash(SHA256.HashData(File.ReadAllBytes(link))) : null;
        Assert.Contains(raw, allowed);

        bool found = new StoreReader(store).TryOpenCurrent(out VerifiedModel? model);
        using (model)
        {
            Assert.Equal(raw is not null, found);
            Assert.Equal(raw, model?.Digest);
        }

        return raw;
    }

    /// <summary>Opens the store and checks that it is in order: links as the journal says, nothing left over, states in order.</summary>
    public static void AssertReopens(ScenarioFolders folders, params ModelDigest?[] allowed)
    {
        ModelDigest? current;
        int lines;
        using (ModelStore store = ModelStore.Open(folders.Store))
        {
            current = AssertServes(folders.Store, allowed);
            lines = store.History.Count;
            AssertOrderly(store.History);
            if (store.History is [.., var last])
            {
                Assert.False(last.State.IsLive());
                Assert.Equal(last.State == DeploymentState.Committed ? last.Digest : last.Replaces, current);
                Assert.Equal(last.State == DeploymentState.Committed ? last.Replaces : last.Previous, store.Reader.Previous);
            }

            Assert.Empty(Directory.EnumerateFiles(folders.Store, AtomicFile.TemporaryPrefix + "*", SearchOption.AllDirectories));
        }

        using ModelStore again = ModelStore.Open(folders.Store);
        Assert.Null(again.Recovered);
        Assert.Equal(lines, again.History.Count);
        Assert.Equal(current, again.Reader.Current);
    }

    /// <summary>Deploys one more model, and checks that nothing is kept that is not needed.</summary>
    public static void AssertDeploys(ScenarioFolders folders, string model)
    {
        using ModelStore store = ModelStore.Open(folders.Store);
        ModelDigest? before = store.Reader.Current;
        DeployResult result = Scenario.CreateDeployer(store).Deploy(folders.Model(model), new DeployRequest());
        Assert.Equal(folders.DigestOf(model), result.Digest);
        Assert.False(result.AlreadyCurrent);
        Assert.Equal(before, store.Reader.Previous);
        AssertServes(folders.Store, result.Digest);

        IEnumerable<string> kept = Directory.EnumerateFiles(Path.Combine(folders.Store, "objects", "sha256")).Select(f => Path.GetFileNameWithoutExtension(f));
        IEnumerable<string> needed = new[] { result.Digest, before }.OfType<ModelDigest>().Select(d => d.Hex);
        Assert.Equal(needed.Order(), kept.Order());
    }

    private static void AssertOrderly(IReadOnlyList<JournalEntry> history)
    {
        Assert.All(history.Zip(history.Skip(1)), pair => Assert.True(pair.First.Sequence < pair.Second.Sequence));
        foreach (IGrouping<string, JournalEntry> deployment in history.GroupBy(e => e.Deployment))
        {
            DeploymentState? before = null;
            foreach (JournalEntry entry in deployment)
            {
                Assert.True(before.CanBecome(entry.State), $"{before} then {entry.State}");
                before = entry.State;
            }
        }
    }
}
