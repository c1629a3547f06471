using EdgePrune.Cli.Reports;

namespace EdgePrune.Cli.Tests.Profiles;

public sealed class ProfileViewTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(140)]
    public void Measured(int width) => Golden.Check($"profile-measured-{width}", At(width, ProfileSamples.Measured));

    [Theory]
    [InlineData(80)]
    [InlineData(140)]
    public void Modelled(int width) => Golden.Check($"profile-modelled-{width}", At(width, ProfileSamples.Modelled));

    [Fact]
    public void Without_energies_the_times_decide() => Golden.Check("profile-invalid-80", At(80, ProfileSamples.Invalid));

    [Fact]
    public void Dearest_layers_come_first_and_unknown_ones_last()
    {
        ProfileLayer[] byEnergy = ProfileTable.Order(ProfileSamples.Measured.Layers);
        ProfileLayer[] byTime = ProfileTable.Order(ProfileSamples.Invalid.Layers);

        Assert.Equal(byEnergy.OrderByDescending(l => l.EnergyUj?.Median ?? -1), byEnergy);
        Assert.Equal(byTime.OrderByDescending(l => l.TimeUs?.Median ?? -1), byTime);
        Assert.Equal("dropout", byEnergy[^1].Name);
    }

    [Theory]
    [InlineData("measured", false)]
    [InlineData("counted", true)]
    [InlineData("modelled", true)]
    [InlineData("simulated", true)]
    public void What_no_sensor_has_seen_is_said_to_be_so(string provenance, bool remark) =>
        Assert.Equal(remark, At(140, ProfileSamples.Measured with { Provenance = provenance }).Contains("! Energies are " + provenance, StringComparison.Ordinal));

    [Fact]
    public void No_line_is_wider_than_the_terminal()
    {
        ProfileDocument longNames = ProfileSamples.Named(ProfileSamples.Measured, new string('n', 300), "/model/very/long/path/to/one/layer/in/a/network/Conv_0");
        foreach (int width in new[] { 80, 100, 140 })
        {
            Assert.All(At(width, longNames).Split('\n'), line => Assert.True(line.Length <= width, $"{width}: {line}"));
        }
    }

    [Fact]
    public void A_name_cannot_command_the_terminal()
    {
        string shown = At(80, ProfileSamples.Named(ProfileSamples.Measured, "\e[2J", "a\u202Eb", "two\nlines") with { Warnings = ["\e[31m"], Model = "\e]0;x\a" });

        Assert.DoesNotContain('\e', shown);
        Assert.DoesNotContain('\u202E', shown);
        Assert.DoesNotContain("two\nlines", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 10, "")]
    [InlineData(-1, 10, "")]
    [InlineData(10, 10, "████")]
    [InlineData(5, 10, "██")]
    [InlineData(0.001, 10, "▏")]
    [InlineData(20, 10, "████")]
    public void Bars_are_as_long_as_their_value(double value, double largest, string expected) => Assert.Equal(expected, ProfileTable.Bar(value, largest, 4));

    private static string At(int width, ProfileDocument document) => Rendered.At(width, console => ProfileView.Show(console, document, 20));
}
