using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Output;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests.Profiles;

public sealed partial class HtmlPageTests
{
    /// <summary>Names that try to leave the element they are in, to deceive the eye, or to be taken for something else.</summary>
    internal static readonly string[] HostileNames =
    [
        "</script><script>document.title='owned'</script>",
        "<!--<script>", "]]>", "<img src=x onerror=\"document.title='owned'\">", "\"'`&amp;&lt;",
        "a\u202Egpj.exe", "\u0000\u0001\e[2J", "line\nbreak\u2028\u2029", "{{script}}{{data}}{{title}}", "\uD800lone", "${alert(1)}", "__proto__",
    ];

    [Fact]
    public void Data_of_a_profile() => Golden.Check("page-profile-data", Indented(Data(HtmlPage.Render(ReportPage.Of(ProfileSamples.Measured, null)))));

    [Fact]
    public void The_same_document_gives_the_same_bytes() =>
        Assert.Equal(HtmlPage.Render(ReportPage.Of(ProfileSamples.Measured, null)), HtmlPage.Render(ReportPage.Of(ProfileSamples.Measured with { }, null)));

    [Fact]
    public void No_name_leaves_the_data()
    {
        foreach (string name in HostileNames)
        {
            ProfileDocument document = ProfileSamples.Named(ProfileSamples.Modelled, name) with { Model = name, Device = name, Warnings = [name] };

            string page = HtmlPage.Render(ReportPage.Of(document, null));

            Assert.Equal(2, Count(page, "<script"));
            Assert.Equal(2, Count(page, "</script"));
            Assert.DoesNotContain("<!--", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
            Assert.DoesNotContain(page, c => c is '\u202E' or '\u2028' or '\u2029' or '\0' or '\e');
            // A lone surrogate is no text; JSON has a replacement for it.
            string expected = name.Replace("\uD800", "\uFFFD", StringComparison.Ordinal);
            Assert.Equal(expected, JsonDocument.Parse(Data(page)).RootElement.GetProperty("profile").GetProperty("layers")[0].GetProperty("name").GetString());
        }
    }

    [Fact]
    public void Nothing_is_loaded_and_only_what_is_in_the_page_may_run()
    {
        string page = HtmlPage.Render(ReportPage.Of(ProfileSamples.Measured, null));
        string policy = Policy().Match(page).Groups[1].Value;

        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.Contains($"script-src '{Hash(Between(page, "<script>", "</script>"))}'", policy, StringComparison.Ordinal);
        Assert.Contains($"style-src '{Hash(Between(page, "<style>", "</style>"))}'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        // The one address in it is the name of the SVG elements.
        Assert.All(Address().Matches(page), m => Assert.Equal("http://www.w3.org/2000/svg", m.Value));
        Assert.DoesNotContain("url(", page, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Scripts_make_no_markup_from_texts()
    {
        string script = Between(HtmlPage.Render(ReportPage.Of(ProfileSamples.Measured, null)), "<script>", "</script>");

        foreach (string risky in new[] { "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "fetch(", "XMLHttpRequest" })
        {
            Assert.DoesNotContain(risky, script, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Colours_of_letters_have_the_contrast_that_reading_needs()
    {
        string style = Between(HtmlPage.Render(ReportPage.Of(ProfileSamples.Measured, null)), "<style>", "</style>");
        int dark = style.IndexOf("prefers-color-scheme: dark", StringComparison.Ordinal);
        foreach (string scheme in new[] { style[..dark], style[dark..] })
        {
            foreach (string letters in new[] { "ink", "soft", "good", "bad", "measured", "counted", "modelled", "simulated" })
            {
                foreach (string ground in new[] { "card", "page", "track" })
                {
                    double contrast = Contrast(Colour(scheme, letters), Colour(scheme, ground));
                    // WCAG 2.2, success criterion 1.4.3.
                    Assert.True(contrast >= 4.5, string.Create(CultureInfo.InvariantCulture, $"{letters} on {ground}: {contrast:F2}"));
                }
            }

            foreach (string shape in new[] { "time", "energy", "focus" })
            {
                // Success criterion 1.4.11.
                Assert.True(Contrast(Colour(scheme, shape), Colour(scheme, "card")) >= 3, shape);
            }

            Assert.True(Contrast(Colour(scheme, "ink"), Colour(scheme, "warn-back")) >= 4.5);
            Assert.True(Contrast(Colour(scheme, "ink"), Colour(scheme, "bad-back")) >= 4.5);
        }
    }

    [Fact]
    public void A_profile_of_the_sample_is_written_in_every_form()
    {
        using var folder = new TempFolder();
        string model = Path.Combine(Repository.Root, "samples", "digits", "digits.onnx");

        CapturedRun run = CapturedRun.Of(
            "profile", model, "--time", "1", "--output", folder.File("p.json"), "--html", folder.File("p.html"), "--csv", folder.File("p.csv"), "--json");

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Equal(run.Out.Trim(), File.ReadAllText(folder.File("p.json")).Trim());
        ProfileDocument document = ProfileReader.Read(folder.File("p.json"));
        Assert.Equal("digits.onnx", document.Model);
        Assert.Equal(HtmlPage.Render(ReportPage.Of(document, null)), File.ReadAllText(folder.File("p.html")));
        Assert.Equal(document.Layers.Count + 1, File.ReadAllText(folder.File("p.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(["p.csv", "p.html", "p.json"], Directory.EnumerateFileSystemEntries(folder.Path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Files_that_cannot_be_written_are_told_before_anything_is_measured()
    {
        using var folder = new TempFolder();
        string model = folder.File("m.onnx");
        File.Copy(Path.Combine(Repository.Root, "samples", "digits", "digits.onnx"), model);
        byte[] bytes = File.ReadAllBytes(model);

        Assert.Contains("is read as well", CapturedRun.Of("profile", model, "--html", model).Error, StringComparison.Ordinal);
        Assert.Contains("is a folder", CapturedRun.Of("profile", model, "--csv", folder.Path).Error, StringComparison.Ordinal);
        Assert.Contains("does not exist", CapturedRun.Of("profile", model, "--output", folder.File("none/p.json")).Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, CapturedRun.Of("profile", model, "--html", folder.File("x"), "--csv", folder.File("x")).Code);
        Assert.Equal(ExitCode.Usage, CapturedRun.Of("profile", model, "--table", folder.File("t.sqlite")).Code);
        Assert.Contains("measures and writes it", CapturedRun.Of("profile", model, "--html", folder.File("x"), "--table", folder.File("t.sqlite")).Error, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(model));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Costs_draw_staircases_and_a_profile_takes_them_from_the_table()
    {
        using var folder = new TempFolder();
        // Few widths: which of them share a kernel path is asked of the runtime, width by width.
        var b = new GraphBuilder();
        string x = b.Relu(b.BatchNorm(b.Conv(b.Input("x", 1, 3, 8, 8), 3, 12), 12));
        x = b.Node("Flatten", [b.Node("GlobalAveragePool", [b.Relu(b.Conv(x, 12, 10))])]);
        string model = folder.File("small.onnx");
        b.Output(b.Linear(x, 10, 4)).Build().Save(model);
        string table = folder.File("costs.sqlite");

        CapturedRun costs = CapturedRun.Of("costs", model, "--seconds", "1", "--table", table, "--html", folder.File("c.html"));
        CapturedRun profile = CapturedRun.Of("profile", model, "--time", "1", "--table", table, "--html", folder.File("p.html"));

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (costs.Code, profile.Code));
        foreach (string page in new[] { "c.html", "p.html" })
        {
            JsonElement data = JsonDocument.Parse(Data(File.ReadAllText(folder.File(page)))).RootElement.GetProperty("costs");
            Assert.NotEqual(0, data.GetProperty("blocks").GetArrayLength());
            foreach (JsonElement curve in data.GetProperty("blocks").EnumerateArray().SelectMany(b => b.GetProperty("curves").EnumerateArray()))
            {
                int[] widths = [.. curve.GetProperty("widths").EnumerateArray().Select(w => w.GetInt32())];
                Assert.Equal(widths.Length, curve.GetProperty("times_us").GetArrayLength());
                Assert.Equal(widths.Order().Distinct(), widths);
                Assert.Equal(curve.GetProperty("steps").GetProperty("full").GetInt32(), widths[^1]);
            }
        }
    }

    private static string Data(string page) => Between(page, "type=\"application/json\">", "</script>");

    private static string Between(string page, string open, string close)
    {
        int start = page.IndexOf(open, StringComparison.Ordinal) + open.Length;
        return page[start..page.IndexOf(close, start, StringComparison.Ordinal)];
    }

    private static string Indented(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement, Json.Options) + "\n";

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static int Colour(string style, string name) =>
        int.Parse(Regex.Match(style, $"--{name}: #([0-9a-f]{{6}})").Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // Relative luminance and contrast as WCAG 2.2 defines them.
    private static double Contrast(int a, int b)
    {
        static double Channel(int value) => value / 255.0 <= 0.04045 ? value / 255.0 / 12.92 : Math.Pow(((value / 255.0) + 0.055) / 1.055, 2.4);
        static double Luminance(int c) => (0.2126 * Channel(c >> 16)) + (0.7152 * Channel((c >> 8) & 255)) + (0.0722 * Channel(c & 255));
        (double low, double high) = (Math.Min(Luminance(a), Luminance(b)), Math.Max(Luminance(a), Luminance(b)));
        return (high + 0.05) / (low + 0.05);
    }

    [GeneratedRegex("Content-Security-Policy\" content=\"([^\"]*)\"")]
    private static partial Regex Policy();

    [GeneratedRegex("https?://[^'\"\\s]*")]
    private static partial Regex Address();
}
