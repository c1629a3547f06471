using System.Security.Cryptography;
using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Tests;

/// <summary>Readers that never stop while models are switched under them.</summary>
public sealed class ConcurrentReaderTests
{
    private const int Switches = 200;
    private const long FewestReads = 10;

    [Fact]
    public void Whoever_opens_the_link_gets_a_whole_model()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no links on Windows");
        using var f = new StoreFixture();
        var known = new HashSet<ModelDigest> { f.DigestOf("a"), f.DigestOf("b") };
        Run(f, ["a", "b"], () =>
        {
            ModelDigest seen = ModelDigest.FromHash(SHA256.HashData(File.ReadAllBytes(f.Store.Reader.CurrentPath)));
            Assert.Contains(seen, known);
        });
    }

    /// <summary>With many models, collections run too; the reader must cope with an object that goes between look and open.</summary>
    [Fact]
    public void A_store_reader_gets_a_whole_model_also_while_old_ones_are_collected()
    {
        using var f = new StoreFixture();
        var reader = new StoreReader(f.Folders.Store);
        Run(f, ["a", "b", "c", "d", "e", "f"], () =>
        {
            Assert.True(reader.TryOpenCurrent(out VerifiedModel? model));
            using (model)
            {
                Assert.Equal(model.Digest, ModelDigest.FromHash(SHA256.HashData(model.Content)));
            }

            Assert.NotEmpty(reader.ReadHistory());
        });
    }

    private static void Run(StoreFixture f, string[] models, Action read)
    {
        f.Deploy(models[0]);
        bool done = false;
        long reads = 0;
        Task reader = Task.Run(() =>
        {
            while (!Volatile.Read(ref done))
            {
                read();
                Interlocked.Increment(ref reads);
            }
        });
        // On a busy machine the reader may come late.
        for (int i = 1; (i <= Switches || Interlocked.Read(ref reads) < FewestReads) && !reader.IsCompleted; i++)
        {
            f.Deploy(models[i % models.Length]);
        }

        Volatile.Write(ref done, true);
        reader.GetAwaiter().GetResult();
        Assert.True(reads >= FewestReads, $"{reads} reads");
    }
}
