using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;

namespace EdgePrune.Cli.Tests;

public sealed class OutputTests
{
    private static readonly ModelFigures Before = new() { LatencyMs = 1.2345, EnergyMj = 3.456, Macs = 40_813_184, Params = 272_474, Bytes = 1_102_345, Accuracy = 0.9885 };
    private static readonly ModelFigures After = new() { LatencyMs = 0.7123, EnergyMj = 1.987, Macs = 21_345_678, Params = 134_567, Bytes = 548_910, Accuracy = 0.9824 };

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Before_after_table(int width) =>
        Golden.Check($"before-after-{width}", Rendered.At(width, console => console.Write(BeforeAfterTable.Of(Before, After, "modelled"))));

    [Fact]
    public void Without_data_there_is_no_accuracy() =>
        Assert.DoesNotContain("accuracy", Rendered.At(80, console => console.Write(BeforeAfterTable.Of(Before with { Accuracy = null }, After, "modelled"))), StringComparison.Ordinal);

    [Fact]
    public void Colours_only_where_asked_for()
    {
        Assert.DoesNotContain('\e', Rendered.At(80, console => console.Write(BeforeAfterTable.Of(Before, After, "modelled"))));
        Assert.Contains('\e', Rendered.At(80, console => console.Write(BeforeAfterTable.Of(Before, After, "modelled")), colour: true));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(999.7, "1.00 k")]
    [InlineData(1_234, "1.23 k")]
    [InlineData(40_813_184, "40.8 M")]
    [InlineData(1_234_567_890_123, "1.23 T")]
    public void Counts(double value, string expected) => Assert.Equal(expected, Figures.Count(value));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.00 KiB")]
    [InlineData(796_819, "778 KiB")]
    public void Sizes(double value, string expected) => Assert.Equal(expected, Figures.Bytes(value));

    [Theory]
    [InlineData(0.0004, "0.400 µs")]
    [InlineData(0.0123, "12.3 µs")]
    [InlineData(0.9996, "1.00 ms")]
    [InlineData(12.34, "12.3 ms")]
    [InlineData(1500, "1.50 s")]
    public void Times(double value, string expected) => Assert.Equal(expected, Figures.Milliseconds(value));

    [Theory]
    [InlineData(100, 68.8, "−31.2 %")]
    [InlineData(100, 100.01, "±0.0 %")]
    [InlineData(100, 120, "+20.0 %")]
    [InlineData(0, 5, "")]
    public void Changes(double before, double after, string expected) => Assert.Equal(expected, Figures.Change(before, after));
}
