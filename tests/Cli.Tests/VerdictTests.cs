using EdgePrune.Cli.Loop;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Cli.Tests;

public sealed class VerdictTests
{
    private static readonly Interval Lower = Ratio(0.7, 0.65, 0.75);

    [Fact]
    public void Better_in_everything_is_kept()
    {
        var verdict = Verdict.Of(Lower, Lower, (0.99, 0.98), 2, "modelled");

        Assert.True(verdict.IsKept);
        Assert.Equal("committed", verdict.Word);
        Assert.Equal(3, verdict.Reasons.Count);
    }

    [Theory]
    [InlineData(0.99, 0.97, 1.01)] // faster by its median, but the interval holds 1
    [InlineData(0.99, 0.98, 1.0)]
    [InlineData(1.2, 1.1, 1.3)]
    public void What_is_not_certainly_lower_is_rolled_back(double median, double low, double high)
    {
        Assert.False(Verdict.Of(Ratio(median, low, high), Lower, (0.9, 0.9), 2, "modelled").IsKept);
        Assert.False(Verdict.Of(Lower, Ratio(median, low, high), (0.9, 0.9), 2, "modelled").IsKept);
    }

    [Theory]
    [InlineData(0.99, 0.97, 2, true)] // exactly the allowance
    [InlineData(0.99, 0.9699, 2, false)]
    [InlineData(0.99, 0.995, 0, true)]
    [InlineData(0.99, 0.99, 0, true)]
    public void Accuracy_may_fall_by_the_allowance(double before, double after, double allowed, bool kept) =>
        Assert.Equal(kept, Verdict.Of(Lower, Lower, (before, after), allowed, "modelled").IsKept);

    [Fact]
    public void Without_data_the_verdict_says_that_accuracy_was_not_compared()
    {
        var verdict = Verdict.Of(Lower, Lower, null, 2, "modelled");

        Assert.True(verdict.IsKept);
        Assert.Contains(verdict.Reasons, r => r.Contains("not compared", StringComparison.Ordinal));
    }

    private static Interval Ratio(double median, double low, double high) => new(median, low, high, 15, 0.95);
}
