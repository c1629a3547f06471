using EdgePrune.Profiler.Sensors.Perf;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

public sealed class CounterDeltaTests
{
    private static readonly string[] Events = ["cycles", "branches"];

    [Fact]
    public void Threads_are_summed()
    {
        CounterDelta delta = CounterDelta.Between(
            [new(10, 100, 100), new(1, 100, 100), new(0, 0, 0), new(0, 0, 0)],
            [new(30, 200, 200), new(2, 200, 200), new(5, 50, 50), new(7, 50, 50)],
            Events);
        Assert.Equal([25.0, 8.0], delta.Counts);
        Assert.False(delta.IsScaled);
        Assert.Null(delta.Problem);
    }

    [Fact]
    public void A_count_that_took_turns_is_scaled_and_says_so()
    {
        CounterDelta delta = CounterDelta.Between([new(0, 0, 0), new(0, 0, 0)], [new(95, 1000, 950), new(10, 1000, 1000)], Events);
        Assert.Equal(100, delta.Counts[0], 9);
        Assert.Equal(10, delta.Counts[1], 9);
        Assert.True(delta.IsScaled);
        Assert.Equal(0.95, delta.Share, 9);
        Assert.Null(delta.Problem);
    }

    [Theory]
    [InlineData(500ul, "50 %")]
    [InlineData(0ul, "0 %")]
    public void Too_small_a_share_is_a_problem_that_names_the_event(ulong running, string words)
    {
        CounterDelta delta = CounterDelta.Between([new(0, 0, 0), new(0, 0, 0)], [new(95, 1000, 1000), new(10, 1000, running)], Events);
        Assert.Contains("branches", delta.Problem, StringComparison.Ordinal);
        Assert.Contains(words, delta.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_counter_that_goes_backwards_is_a_problem_and_no_number()
    {
        CounterDelta delta = CounterDelta.Between([new(100, 10, 10), new(0, 0, 0)], [new(99, 20, 20), new(1, 10, 10)], Events);
        Assert.Contains("cycles went backwards, from 100 to 99", delta.Problem, StringComparison.Ordinal);
        Assert.NotNull(CounterDelta.Between([new(1, 10, 10), new(0, 0, 0)], [new(2, 9, 10), new(1, 1, 1)], Events).Problem);
    }

    [Fact]
    public void Readings_of_different_counters_are_not_compared() =>
        Assert.Throws<ArgumentException>(() => CounterDelta.Between([new(1, 1, 1)], [new(1, 1, 1)], Events));
}
