using EdgePrune.Onnx;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;

namespace Pruner.Tests.Schedules;

public sealed class ScheduleOptionsTests
{
    [Fact]
    public void Every_form_is_read()
    {
        Assert.Equal(PruningScheduleKind.OneShot, ScheduleOptions.Parse("one-shot").Kind);
        Assert.Equal((PruningScheduleKind.Iterative, 5, CutSpacing.Geometric), Cuts("iterative:5"));
        Assert.Equal((PruningScheduleKind.Iterative, 5, CutSpacing.Linear), Cuts("iterative:5:linear"));
        Assert.Equal(PruningScheduleKind.LayerByLayer, ScheduleOptions.Parse("layer-by-layer").Kind);
        Assert.Equal((PruningScheduleKind.Gradual, 400, 20), Trained("gradual:400"));
        Assert.Equal((PruningScheduleKind.Dynamic, 400, 7), Trained("dynamic:400:7"));
        Assert.Equal(0.4, ScheduleOptions.Parse("dense-sparse-dense:90:40%").Share);
        Assert.Equal(1e-3, ScheduleOptions.Parse("group-lasso:90:1e-3").Factor);
        Assert.Equal(PruningScheduleKind.L1, ScheduleOptions.Parse("l1:90:0.001").Kind);
        Assert.Equal(0.15, DensificationOptions.Parse("gradient:15%").Beyond, 1e-12);
        Assert.Equal(50, DensificationOptions.Parse("genetic:50").Evaluations);
        Assert.Equal(new ScoreDropout(0.25, 16), ScoreDropout.Parse("25%:16"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("one-shot:2")]
    [InlineData("iterative")]
    [InlineData("iterative:0")]
    [InlineData("iterative:3:cubic")]
    [InlineData("gradual:-5")]
    [InlineData("gradual:10:20")]
    [InlineData("dense-sparse-dense:2")]
    [InlineData("l1:10")]
    [InlineData("group-lasso:10:NaN")]
    [InlineData("group-lasso:10:-1")]
    public void What_is_no_schedule_is_refused_with_the_forms(string text) =>
        Assert.Contains("iterative:CUTS", Assert.Throws<InputException>(() => ScheduleOptions.Parse(text)).Message);

    [Theory]
    [InlineData("gradient:0%")]
    [InlineData("genetic:x")]
    [InlineData("random")]
    public void What_is_no_densification_is_refused(string text) => Assert.Throws<InputException>(() => DensificationOptions.Parse(text));

    [Theory]
    [InlineData("0%")]
    [InlineData("20%:0")]
    [InlineData("0.2")]
    public void What_is_no_dropout_of_scores_is_refused(string text) => Assert.Throws<InputException>(() => ScoreDropout.Parse(text));

    [Fact]
    public void Cubic_sparsity_follows_zhu_and_gupta()
    {
        // Their formula with s_i = 0.1, s_f = 0.9, t0 = 100, nΔt = 1000, written out at three steps.
        var sparsity = new CubicSparsity(0.1, 0.9, 100, 1000);
        Assert.Equal(0.1, sparsity.At(50), 1e-12);
        Assert.Equal(0.1, sparsity.At(100), 1e-12);
        Assert.Equal(0.9 - (0.8 * 0.421875), sparsity.At(350), 1e-12);
        Assert.Equal(0.9 - (0.8 * 0.125), sparsity.At(600), 1e-12);
        Assert.Equal(0.9, sparsity.At(1100));
        Assert.Equal(0.9, sparsity.At(5000));
    }

    [Fact]
    public void Exchange_falls_as_half_a_cosine()
    {
        Assert.Equal(0.3, DynamicMasks.ExchangedAt(0.3, 0, 100), 1e-12);
        Assert.Equal(0.15, DynamicMasks.ExchangedAt(0.3, 50, 100), 1e-12);
        Assert.Equal(0.15 * (1 + Math.Sqrt(0.5)), DynamicMasks.ExchangedAt(0.3, 25, 100), 1e-12);
        Assert.Equal(0, DynamicMasks.ExchangedAt(0.3, 100, 100), 1e-12);
    }

    private static (PruningScheduleKind, int, CutSpacing) Cuts(string text) => ScheduleOptions.Parse(text) is var s ? (s.Kind, s.Cuts, s.Spacing) : default;

    private static (PruningScheduleKind, long, long) Trained(string text) => ScheduleOptions.Parse(text) is var s ? (s.Kind, s.Steps, s.Interval) : default;
}
