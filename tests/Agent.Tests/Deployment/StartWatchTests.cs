using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests.Deployment;

/// <summary>What is remembered of starts that ended badly.</summary>
public sealed class StartWatchTests : IDisposable
{
    private static readonly ModelDigest A = ModelDigest.FromHash(new byte[32]);
    private static readonly ModelDigest B = ModelDigest.FromHash([.. Enumerable.Repeat((byte)1, 32)]);
    private readonly TempFolder temp = new();

    [Fact]
    public void Starts_that_crash_soon_are_counted_one_after_the_other()
    {
        for (int i = 0; i < 4; i++)
        {
            using StartWatch watch = Open();
            Assert.Equal(i, watch.Begin(A));
            watch.Serves(A); // and then the process is gone
        }
    }

    [Fact]
    public void A_crash_while_the_model_is_being_loaded_counts_too()
    {
        Open().Begin(A);
        Assert.Equal(1, Open().Begin(A));
    }

    [Fact]
    public void A_stop_adds_nothing_and_forgives_nothing()
    {
        Open().Begin(A);
        StartWatch watch = Open();
        Assert.Equal(1, watch.Begin(A));
        watch.Stop();
        Assert.Equal(1, Open().Begin(A));
    }

    [Fact]
    public void Another_model_begins_anew()
    {
        Open().Begin(A);
        Open().Begin(A);
        Assert.Equal(0, Open().Begin(B));
        Assert.Equal(0, Open().Begin(A));
    }

    [Fact]
    public async Task A_model_that_has_served_long_enough_is_not_blamed()
    {
        Open().Begin(A);
        using (StartWatch watch = Open(TimeSpan.FromMilliseconds(1)))
        {
            watch.Begin(A);
            watch.Serves(A);
            while (!(await File.ReadAllTextAsync(temp.File("starts.json"), TestContext.Current.CancellationToken)).Contains("\"stable\":true", StringComparison.Ordinal))
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal(0, Open().Begin(A));
    }

    [Fact]
    public void Bad_models_are_remembered_until_somebody_wants_them_again()
    {
        Open().Condemn(A, "it crashed");
        Assert.True(Open().IsBad(A, out string reason));
        Assert.StartsWith("it crashed (20", reason, StringComparison.Ordinal);
        Assert.False(Open().IsBad(B, out _));
        Open().Pardon(A);
        Assert.False(Open().IsBad(A, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"digest\":null,\"crashes\":1,\"running\":true,\"stable\":false}")]
    public void Damaged_files_count_as_none(string text)
    {
        File.WriteAllText(temp.File("starts.json"), text);
        File.WriteAllText(temp.File("bad-models.json"), text);
        using StartWatch watch = Open();
        Assert.Equal(0, watch.Begin(A));
        Assert.False(watch.IsBad(A, out _));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_does_no_harm()
    {
        using var watch = new StartWatch(Path.Combine(temp.Path, "missing"), TimeSpan.FromMinutes(1));
        Assert.Equal(0, watch.Begin(A));
        watch.Serves(A);
        watch.Condemn(A, "it crashed");
        Assert.True(watch.IsBad(A, out _));
        watch.Stop();
    }

    public void Dispose() => temp.Dispose();

    private StartWatch Open(TimeSpan? window = null) => new(temp.Path, window ?? TimeSpan.FromMinutes(10));
}
