using EdgePrune.Cli.Comparison;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests.Profiles;

public sealed class ProfileComparisonTests
{
    private static readonly ProfileDocument Before = ProfileSamples.Measured;
    private static readonly ProfileDocument After = Pruned(Before);

    [Theory]
    [InlineData(80)]
    [InlineData(140)]
    public void Two_profiles(int width) =>
        Golden.Check($"compare-{width}", Rendered.At(width, console => CompareReport.Show(console, Compare(Before, After), 20)));

    [Fact]
    public void Modelled_against_measured() =>
        Golden.Check("compare-provenance-80", Rendered.At(80, console => CompareReport.Show(console, Compare(ProfileSamples.Modelled, After), 3)));

    [Fact]
    public void As_a_document() => Golden.Check("compare-json", Json.Write(Compare(Before, After)) + "\n");

    [Fact]
    public void A_profile_and_itself_differ_in_nothing()
    {
        CompareDocument same = Compare(Before, Before);

        Assert.All(same.Network, f => Assert.Equal((1.0, DifferenceWord.Noise), (f.Ratio!.Value, f.Difference)));
        Assert.Equal((0, 0), (same.Times.Lower, same.Times.Higher));
        Assert.Equal((0, 0), (same.Energies.Lower, same.Energies.Higher));
        Assert.All(same.Memory, m => Assert.Equal(1, m.Ratio));
    }

    [Theory]
    [InlineData(0.5, DifferenceWord.Lower)]
    [InlineData(0.999, DifferenceWord.Noise)]
    [InlineData(2, DifferenceWord.Higher)]
    public void Large_differences_are_real_and_small_ones_are_not(double factor, string expected)
    {
        CompareDocument compared = Compare(Before, ProfileSamples.Scaled(Before, factor));

        Assert.All(compared.Network, f => Assert.Equal(expected, f.Difference));
        Assert.All(compared.Layers.Where(l => l.Time.A is not null), l => Assert.Equal((expected, expected), (l.Time.Difference, l.Energy.Difference)));
    }

    [Fact]
    public void Twenty_times_as_many_layers_need_stronger_evidence()
    {
        // One layer that differs a little beyond its interval, alone and among layers that do not differ.
        ProfileLayer layer = Before.Layers[0];
        ProfileLayer changed = layer with { TimeUs = layer.TimeUs! with { Median = layer.TimeUs.Median * 1.01, Low = layer.TimeUs.Median * 1.004, High = layer.TimeUs.Median * 1.016 } };
        ProfileLayer[] others = [.. Enumerable.Range(0, 39).Select(i => layer with { Name = $"other{i}" })];

        CompareDocument alone = Compare(Before with { Layers = [layer] }, Before with { Layers = [changed] });
        CompareDocument among = Compare(Before with { Layers = [layer, .. others] }, Before with { Layers = [changed, .. others] });

        Assert.Equal(DifferenceWord.Higher, alone.Layers[0].Time.Difference);
        Assert.Equal(DifferenceWord.Noise, among.Layers[0].Time.Difference);
        Assert.True(among.Layers[0].Time.Ratio!.Low > 1);
        Assert.Contains("Benjamini–Hochberg", among.Method, StringComparison.Ordinal);
    }

    [Fact]
    public void Modelled_and_measured_energies_are_never_compared()
    {
        CompareDocument compared = Compare(ProfileSamples.Modelled, Before, across: true);

        Assert.True(compared.TimesComparable);
        Assert.False(compared.EnergiesComparable);
        Assert.All(compared.Network.Where(f => f.Quantity != "latency"), f => Assert.Equal((null, DifferenceWord.NotCompared), (f.Ratio, f.Difference)));
        Assert.All(compared.Layers, l => Assert.Null(l.Energy.Ratio));
        Assert.Contains(compared.Reasons, r => r.Contains("modelled in one and measured in the other", StringComparison.Ordinal));
    }

    [Fact]
    public void Modelled_energies_show_no_real_difference()
    {
        CompareDocument compared = Compare(ProfileSamples.Modelled, ProfileSamples.Scaled(ProfileSamples.Modelled, 0.5));

        Assert.All(compared.Layers.Where(l => l.Energy.A is not null), l => Assert.Equal(DifferenceWord.Modelled, l.Energy.Difference));
        Assert.Contains(compared.Remarks, r => r.Contains("no energy was observed", StringComparison.Ordinal));
    }

    [Fact]
    public void Other_devices_runtimes_and_threads_are_told_and_not_compared_unless_asked_for()
    {
        ProfileDocument other = Before with { Device = "jetson-nano", Runtime = Before.Runtime.Replace("1 thread", "4 threads", StringComparison.Ordinal), Before = Before.Before with { Cores = 8 } };

        CompareDocument refused = Compare(Before, other);
        CompareDocument across = Compare(Before, other, across: true);

        Assert.False(refused.TimesComparable || refused.EnergiesComparable);
        Assert.All(refused.Network, f => Assert.Null(f.Ratio));
        Assert.Equal(3, refused.Reasons.Count);
        Assert.Contains(refused.Reasons, r => r.Contains("1 thread and 4 threads", StringComparison.Ordinal));
        Assert.True(across.TimesComparable && across.EnergiesComparable);
        Assert.Equal(refused.Reasons, across.Reasons);
        Assert.Contains(across.Remarks, r => r.Contains("as well as of the model", StringComparison.Ordinal));
    }

    [Fact]
    public void An_invalid_measurement_has_no_energies_to_compare()
    {
        CompareDocument compared = Compare(Before, ProfileSamples.Invalid);

        Assert.False(compared.EnergiesComparable);
        Assert.Contains(compared.Reasons, r => r.Contains("measurement of B is not valid", StringComparison.Ordinal));
        Assert.Equal(DifferenceWord.Noise, compared.Network[0].Difference);
    }

    [Fact]
    public void Layers_match_by_name_then_by_operator_and_position()
    {
        IReadOnlyList<LayerMatch> matches = LayerMatch.Of(
            [Layer("a", "Conv"), Layer("b", "Conv"), Layer("c", "Relu"), Layer("a", "Conv"), Layer("only", "Gemm")],
            [Layer("x", "Conv"), Layer("a", "Conv"), Layer("c", "Clip"), Layer("y", "Relu"), Layer("z", "Softmax")]);

        Assert.Equal(
            [("a", "a", "name"), ("b", "x", "position"), ("c", "c", "name"), ("a", null, null), ("only", null, null), (null, "y", null), (null, "z", null)],
            matches.Select(m => (m.First?.Name, m.Second?.Name, m.By)));
    }

    [Fact]
    public void Every_layer_of_both_appears_once()
    {
        var random = new Random(7);
        for (int run = 0; run < 200; run++)
        {
            ProfileLayer[] Some() => [.. Enumerable.Range(0, random.Next(12)).Select(_ => Layer($"n{random.Next(6)}", $"o{random.Next(3)}"))];
            (ProfileLayer[] first, ProfileLayer[] second) = (Some(), Some());

            IReadOnlyList<LayerMatch> matches = LayerMatch.Of(first, second);

            Assert.True(first.SequenceEqual(matches.Select(m => m.First).OfType<ProfileLayer>(), ReferenceEqualityComparer.Instance));
            Assert.Equal(second.Length, matches.Select(m => m.Second).OfType<ProfileLayer>().Distinct(ReferenceEqualityComparer.Instance).Count());
            Assert.All(matches, m => Assert.Equal(m.By is null, m.First is null || m.Second is null));
        }
    }

    [Fact]
    public void The_command_reads_two_files_and_writes_a_page()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("a.json"), Json.Write(Before));
        File.WriteAllText(folder.File("b.json"), Json.Write(After));

        CapturedRun run = CapturedRun.Of("compare", folder.File("a.json"), folder.File("b.json"), "--html", folder.File("page.html"), "--json");

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Equal("a.json", run.Document.GetProperty("a").GetProperty("file").GetString());
        Assert.StartsWith("<!doctype html>", File.ReadAllText(folder.File("page.html")), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, CapturedRun.Of("compare", folder.File("a.json"), folder.File("b.json"), "--html", folder.File("a.json")).Code);
        Assert.Equal(Json.Write(Before), File.ReadAllText(folder.File("a.json")));
    }

    private static CompareDocument Compare(ProfileDocument a, ProfileDocument b, bool across = false) =>
        ProfileComparison.Of(a, b, ("before.json", "after.json"), across);

    private static ProfileLayer Layer(string name, string op) => new(name, op, [], null, null, null, null, null, null, 0, 0, 0, 0, 0);

    // The second convolution is half of what it was, the last layer is gone, another one is new.
    private static ProfileDocument Pruned(ProfileDocument document)
    {
        ProfileDocument half = ProfileSamples.Scaled(document, 0.52);
        ProfileDocument nearly = ProfileSamples.Scaled(document, 1.003);
        ProfileDocument whole = ProfileSamples.Scaled(document, 0.72);
        return document with
        {
            Model = "small.pruned.onnx",
            Network = whole.Network with { Macs = 7_900_000, Params = 101_000, Bytes = 404_000, PeakActivationBytes = 65_536 },
            Layers =
            [
                nearly.Layers[0],
                half.Layers[1],
                .. nearly.Layers.Skip(2).Take(2),
                nearly.Layers[4] with { Name = "fc_pruned", Nodes = ["fc_pruned"] },
                nearly.Layers[5],
                nearly.Layers[5] with { Name = "cast", Op = "Cast", Nodes = ["cast"] },
            ],
        };
    }
}
