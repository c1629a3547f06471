using EdgePrune.Cli.Comparison;

namespace EdgePrune.Cli.Tests.Profiles;

public sealed class RatioTests
{
    private const double Close = 1e-9;

    [Fact]
    public void Swapping_the_two_inverts_the_ratio_and_its_interval() => ForRandomPairs((a, b) =>
    {
        Ratio forth = Ratio.Of(a, b)!.Value;
        Ratio back = Ratio.Of(b, a)!.Value;
        Assert.Equal(1, forth.Value * back.Value, Close);
        Assert.Equal(1, forth.Low * back.High, Close);
        Assert.Equal(1, forth.High * back.Low, Close);
        Assert.Equal(forth.Probability, back.Probability, Close);
    });

    [Fact]
    public void Units_do_not_matter() => ForRandomPairs((a, b) =>
    {
        Ratio plain = Ratio.Of(a, b)!.Value;
        Ratio scaled = Ratio.Of(By(a, 1e3), By(b, 1e3))!.Value;
        Assert.Equal(plain.Value, scaled.Value, Close);
        Assert.Equal(plain.Low, scaled.Low, Close);
        Assert.Equal(plain.Probability, scaled.Probability, Close);
    });

    [Fact]
    public void The_interval_excludes_one_exactly_where_p_is_below_a_twentieth() => ForRandomPairs((a, b) =>
    {
        Ratio ratio = Ratio.Of(a, b)!.Value;
        Assert.Equal(ratio.ExcludesOne, ratio.Probability < 0.05);
        Assert.InRange(ratio.Value, ratio.Low, ratio.High);
    });

    [Fact]
    public void Wider_intervals_make_a_wider_ratio() => ForRandomPairs((a, b) =>
    {
        Ratio narrow = Ratio.Of(a, b)!.Value;
        Ratio wide = Ratio.Of(a, b with { Low = b.Low * 0.9, High = b.High * 1.1 })!.Value;
        Assert.True(wide.Low < narrow.Low && wide.High > narrow.High && wide.Probability >= narrow.Probability);
    });

    [Fact]
    public void By_hand()
    {
        // Equal relative errors of e^±0.03 and e^±0.04 combine to e^±0.05.
        var a = new Figure(10, 10 * Math.Exp(-0.03), 10 * Math.Exp(0.03), 10);
        var b = new Figure(9, 9 * Math.Exp(-0.04), 9 * Math.Exp(0.04), 12);

        Ratio ratio = Ratio.Of(a, b)!.Value;

        Assert.Equal(0.9, ratio.Value, Close);
        Assert.Equal(0.9 * Math.Exp(-0.05), ratio.Low, Close);
        Assert.Equal(0.9 * Math.Exp(0.05), ratio.High, Close);
        // t = ln(0.9) / 0.05 · 2.262 = −4.767 with 9 degrees of freedom: p = 0.00102 by the tables.
        Assert.Equal(0.00102, ratio.Probability, 2e-5);
    }

    [Fact]
    public void An_interval_that_reaches_zero_has_no_upper_or_lower_end()
    {
        var uncertain = new Figure(1, -0.5, 2.5, 10);
        var certain = new Figure(1.5, 1.4, 1.6, 10);

        Assert.Equal(double.PositiveInfinity, Ratio.Of(uncertain, certain)!.Value.High);
        Assert.Equal(0, Ratio.Of(certain, uncertain)!.Value.Low);
        Assert.Null(Ratio.Of(new Figure(0, 0, 1), certain));
    }

    [Fact]
    public void Adjusted_probabilities_by_hand() =>
        Assert.Equal([0.04, 0.05, 0.05, 0.5, 0.01], FalseDiscovery.Adjust([0.016, 0.03, 0.04, 0.5, 0.002]).Select(p => Math.Round(p, 12)));

    [Fact]
    public void Among_differences_that_are_none_hardly_any_is_called_real()
    {
        // 200 comparisons of 40 layers that are equal: the share of comparisons with any false alarm is at most the rate.
        var random = new Random(11);
        int alarms = 0;
        for (int run = 0; run < 200; run++)
        {
            double[] p = [.. Enumerable.Range(0, 40).Select(_ => Ratio.Of(Sampled(random), Sampled(random))!.Value.Probability)];
            alarms += FalseDiscovery.Adjust(p).Any(q => q <= FalseDiscovery.Rate) ? 1 : 0;
        }

        Assert.InRange(alarms, 0, 20);
    }

    [Fact]
    public void Nothing_to_adjust() => Assert.Empty(FalseDiscovery.Adjust([]));

    // The median of twelve rounds with its interval, as the profiler gives it.
    private static Figure Sampled(Random random)
    {
        double[] rounds = [.. Enumerable.Range(0, 12).Select(_ => 100 * Math.Exp(0.02 * Normal(random)))];
        return Figure.Of(EdgePrune.Profiler.Statistics.Order.MedianInterval(rounds), 1)!;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static Figure By(Figure f, double factor) => f with { Median = f.Median * factor, Low = f.Low * factor, High = f.High * factor };

    private static void ForRandomPairs(Action<Figure, Figure> law)
    {
        var random = new Random(3);
        Figure Any()
        {
            double median = Math.Exp((random.NextDouble() * 0.3) + 2);
            return new Figure(median, median * (1 - (0.08 * random.NextDouble()) - 1e-4), median * (1 + (0.08 * random.NextDouble()) + 1e-4), random.Next(6, 30));
        }

        for (int i = 0; i < 500; i++)
        {
            law(Any(), Any());
        }
    }
}
