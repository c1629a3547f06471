using System.Text.Json;
using EdgePrune.Cli.Drawing;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Tests.Profiles;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests.Drawing;

public sealed class GraphDrawingTests
{
    [Fact]
    public void Boxes_carry_the_groups_that_they_make_and_read()
    {
        GraphDocument graph = GraphSamples.Of(GraphSamples.Residual());

        Assert.Equal(["input", "Conv", "Relu", "Conv", "Relu", "Conv", "Add", "Conv", "Softmax", "Conv", "output"], graph.Boxes.Select(b => b.Op));
        GraphBox stem = graph.Boxes[1];
        GraphBox inner = graph.Boxes[3];
        int trunk = Assert.Single(stem.Shares).Group;
        Assert.Equal((8, trunk), (stem.Length, Assert.Single(graph.Boxes[6].Shares).Group));
        Assert.Equal([trunk, Assert.Single(inner.Shares).Group], inner.Groups);
        Assert.All(graph.Lines.Where(l => l.From is 1 or 2 or 5 or 6), l => Assert.Equal([trunk], l.Groups));
        Assert.Equal(2, graph.Groups.Count);
    }

    [Fact]
    public void A_box_that_nothing_can_be_cut_in_says_why()
    {
        GraphDocument graph = GraphSamples.Of(GraphSamples.Residual());
        GraphBox softmax = graph.Boxes.Single(b => b.Op == "Softmax");

        Assert.Empty(softmax.Groups);
        Assert.Contains(softmax.Reasons, r => graph.Reasons[r].Contains("Softmax", StringComparison.Ordinal));
        Assert.Empty(graph.Boxes.Single(b => b.Op == "Add").Reasons);
        // The convolution before it: its output is frozen by the softmax, its input is cut with the trunk.
        Assert.NotEmpty(graph.Boxes[7].Reasons);
        Assert.NotEmpty(graph.Boxes[7].Groups);
    }

    [Fact]
    public void Only_kinds_that_are_asked_for_are_drawn() =>
        Assert.Empty(GraphSamples.Of(GraphSamples.Residual(), new CouplingOptions { Kinds = [UnitKind.Head] }).Groups);

    [Fact]
    public void The_picture_holds_every_box_and_line()
    {
        GraphDocument graph = GraphSamples.Of(GraphSamples.Residual());

        Assert.All(graph.Boxes, b =>
        {
            Assert.InRange(b.X, graph.BoxWidth / 2, graph.Width - (graph.BoxWidth / 2));
            Assert.InRange(b.Y, 0, graph.Height - graph.BoxHeight);
        });
        Assert.All(graph.Lines, l => Assert.True(l.Steps.Count % 4 == 0 && l.Steps.Count >= 4 * l.To.Count));
        Assert.All(graph.Lines.SelectMany(l => l.Steps.Chunk(4)), s => Assert.True(s[1] < s[3]));
    }

    [Fact]
    public void No_name_leaves_the_data()
    {
        string page = HtmlPage.Render(ReportPage.Of(GraphSamples.Named(GraphSamples.Of(GraphSamples.Residual()), HtmlPageTests.HostileNames)));

        Assert.Equal(3, page.Split("<script").Length);
        Assert.Equal(3, page.Split("</script").Length);
        Assert.DoesNotContain("<!--", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain(page, c => c is '\u202E' or '\u2028' or '\u2029' or '\0' or '\e');
    }

    [Fact]
    public void Inspect_writes_the_page_whole_or_not_at_all()
    {
        using var folder = new TempFolder();
        string model = Path.Combine(Repository.Root, "samples", "digits", "digits.onnx");

        CapturedRun run = CapturedRun.Of("inspect", model, "--graph", folder.File("g.html"), "--json");
        CapturedRun own = CapturedRun.Of("inspect", model, "--graph", model);
        CapturedRun nowhere = CapturedRun.Of("inspect", model, "--graph", folder.File("none/g.html"));

        Assert.Equal((ExitCode.Ok, ExitCode.Failed, ExitCode.Failed), (run.Code, own.Code, nowhere.Code));
        string page = File.ReadAllText(folder.File("g.html"));
        int start = page.IndexOf("type=\"application/json\">", StringComparison.Ordinal) + "type=\"application/json\">".Length;
        JsonElement graph = JsonDocument.Parse(page[start..page.IndexOf("</script>", start, StringComparison.Ordinal)]).RootElement.GetProperty("graph");
        Assert.Equal(run.Document.GetProperty("groups").GetArrayLength(), graph.GetProperty("groups").GetArrayLength());
        Assert.Equal(["g.html"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }
}
