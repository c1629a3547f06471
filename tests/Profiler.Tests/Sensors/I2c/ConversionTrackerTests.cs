using EdgePrune.Profiler.Sensors.I2c;

namespace EdgePrune.Profiler.Tests.Sensors.I2c;

public sealed class ConversionTrackerTests
{
    private const double Typical = 1.064e-3;

    [Theory]
    [InlineData(0.9)]
    [InlineData(1.0)]
    [InlineData(1.1)]
    public void It_finds_the_parts_period_and_phase_and_seldom_looks_twice(double factor)
    {
        var tracker = new ConversionTracker(Typical);
        double period = Typical * factor;
        int looks = Run(tracker, period, rounds: 2000, lookAgain: 72e-6, late: _ => 0);
        Assert.Equal(period, tracker.Period, 0.002 * period);
        Assert.Equal(2000 * period, tracker.End, 0.03 * period);
        Assert.InRange(looks, 2000, 2500);
        Assert.True(tracker.IsLocked);
    }

    [Fact]
    public void The_earliest_end_is_never_after_the_true_end()
    {
        var random = new Random(3);
        var tracker = new ConversionTracker(Typical);
        double period = Typical * 1.07;
        double round = 0;
        Run(tracker, period, rounds: 3000, lookAgain: 72e-6, late: _ => random.NextDouble() * 200e-6, check: look =>
        {
            round = Math.Floor(look / period);
            Assert.True(!tracker.IsLocked || tracker.Earliest <= (round * period) + (0.005 * period), $"round {round}: {tracker.Earliest} after {round * period}");
        });
    }

    [Fact]
    public void A_pause_of_many_rounds_does_not_upset_the_period()
    {
        var tracker = new ConversionTracker(Typical);
        double period = Typical * 0.95;
        Run(tracker, period, rounds: 3000, lookAgain: 72e-6, late: i => i % 700 == 699 && i < 2000 ? 0.5 : 0);
        Assert.Equal(period, tracker.Period, 0.005 * period);
        Assert.True(tracker.IsLocked);
    }

    // A part that raises its flag at multiples of the period, and a reader who clears it whenever it is up.
    private static int Run(
        ConversionTracker tracker, double period, int rounds, double lookAgain, Func<int, double> late, Action<double>? check = null)
    {
        tracker.Restart(0);
        double taken = 0;
        int looks = 0;
        double time = tracker.NextLook;
        while (taken < rounds)
        {
            time += late(looks++);
            double ended = Math.Floor(time / period);
            if (ended > taken)
            {
                taken = ended;
                tracker.Ready(time);
                check?.Invoke(time);
                time = Math.Max(time, tracker.NextLook);
            }
            else
            {
                tracker.NotReady(time);
                time += lookAgain;
            }
        }

        return looks;
    }
}
