using EdgePrune.Profiler.Statistics;
using FsCheck;
using FsCheck.Fluent;
using Interval = EdgePrune.Profiler.Statistics.Interval;

namespace EdgePrune.Profiler.Tests.Statistics;

public sealed class OrderTests
{
    // Ranks from Conover's table of the sign test: the interval runs from the k-th lowest to the k-th highest sample.
    [Theory]
    [InlineData(6, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(11, 2)]
    [InlineData(12, 3)]
    [InlineData(15, 4)]
    [InlineData(20, 6)]
    [InlineData(25, 8)]
    public void The_interval_uses_the_ranks_of_the_sign_test(int n, int k)
    {
        double[] samples = [.. Enumerable.Range(1, n).Select(i => (double)i)];
        Interval interval = Order.MedianInterval(samples);
        Assert.Equal(k, interval.Low);
        Assert.Equal(n + 1 - k, interval.High);
        Assert.InRange(interval.Coverage, 0.95, 1);
    }

    // (n - z * sqrt(n)) / 2, the normal approximation, which is exact to a rank at such counts.
    [Theory]
    [InlineData(1000)]
    [InlineData(1500)]
    [InlineData(4001)]
    [InlineData(100_000)]
    public void Thousands_of_samples_have_an_interval_too(int n)
    {
        double[] samples = [.. Enumerable.Range(1, n).Select(i => (double)i)];
        Interval interval = Order.MedianInterval(samples);
        double rank = (n - (1.959964 * Math.Sqrt(n))) / 2;
        Assert.InRange(interval.Low, rank - 1, rank + 1);
        Assert.Equal(n + 1, interval.Low + interval.High);
        Assert.InRange(interval.Coverage, 0.95, 0.96);
    }

    [Fact]
    public void Below_six_samples_the_coverage_says_that_it_is_less()
    {
        Interval interval = Order.MedianInterval([3, 1, 2, 5, 4]);
        Assert.Equal((3.0, 1.0, 5.0), (interval.Median, interval.Low, interval.High));
        Assert.Equal(0.9375, interval.Coverage, 12);
    }

    [Fact]
    public void The_interval_holds_the_median_as_often_as_it_says()
    {
        var random = new Random(1);
        int held = 0;
        const int Trials = 4000;
        for (int i = 0; i < Trials; i++)
        {
            // Exponential: skewed, median ln 2.
            double[] samples = [.. Enumerable.Range(0, 9).Select(_ => -Math.Log(1 - random.NextDouble()))];
            Interval interval = Order.MedianInterval(samples);
            held += interval.Low <= Math.Log(2) && Math.Log(2) <= interval.High ? 1 : 0;
        }

        double coverage = Order.MedianInterval(new double[9]).Coverage;
        Assert.InRange((double)held / Trials, coverage - 0.02, coverage + 0.02);
    }

    [Fact]
    public void Percentiles_are_nearest_rank()
    {
        double[] samples = [.. Enumerable.Range(1, 100).Reverse().Select(i => (double)i)];
        Assert.Equal(95, Order.Percentile(samples, 95));
        Assert.Equal(99, Order.Percentile(samples, 99));
        Assert.Equal(100, Order.Percentile(samples, 100));
        Assert.Equal(7, Order.Percentile([7], 1));
    }

    [Fact]
    public void Order_does_not_matter_and_the_median_lies_within() => Prop.ForAll<NonEmptyArray<NormalFloat>, int>((array, seed) =>
    {
        double[] samples = [.. array.Get.Select(v => v.Get)];
        double[] shuffled = [.. samples];
        new Random(seed).Shuffle(shuffled);
        Interval interval = Order.MedianInterval(samples);
        return interval == Order.MedianInterval(shuffled) && interval.Low <= interval.Median && interval.Median <= interval.High;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_and_nonsense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Order.Median([]));
        Assert.Throws<ArgumentException>(() => Order.Median([1, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Order.Percentile([1], 0));
    }
}
