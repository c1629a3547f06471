using EdgePrune.Cli.Comparison;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Tests.Drawing;
using EdgePrune.Cli.Tests.Profiles;
using EdgePrune.Profiler.Costs;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests.Browser;

/// <summary>The pages in a real browser: they draw, complain of nothing, load nothing, and can be used with the keyboard.</summary>
public sealed class PageInBrowserTests
{
    private static readonly CostCurves Costs = new(
        "small.onnx", "raspberry-pi-4", new Figure(1.4, 1.39, 1.41, 9), 1.02, new CostsError(1.8, 6.2, 24, 0.9),
        [
            new(["conv1", "conv2"], "Conv", [64, 32], 41, new CostsError(1.5, 4.4, 12, 0.8),
            [
                new(new AxisSteps(64, 8, 16, 4), [.. Enumerable.Range(1, 64)], [.. Enumerable.Range(1, 64).Select(w => 20.0 + (5 * ((w + 15) / 16)) + (w % 8 == 0 ? 0 : 6))]),
                new(new AxisSteps(32, 1, 1, 1), [.. Enumerable.Range(1, 32)], [.. Enumerable.Range(1, 32).Select(w => 10.0 + w)]),
            ]),
        ],
        new Dictionary<string, string> { ["odd<b>"] = "cannot be narrowed" });

    public static TheoryData<string> Pages => ["profile", "invalid", "hostile", "costs", "compare", "graph", "graph-hostile", "training", "training-one-epoch", "loop", "loop-hostile", "prune", "prune-hostile", "search", "search-hostile"];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Draws_without_a_complaint_and_without_the_network(string name)
    {
        using var folder = new TempFolder();
        await using Chromium browser = await Chromium.Start();
        foreach ((int width, string scheme) in new[] { (1280, "light"), (400, "dark") })
        {
            await browser.Look(width, scheme);
            await browser.Open(Written(folder, name));

            Assert.Empty(browser.Complaints);
            Assert.NotEqual("owned", (await browser.Evaluate("document.title")).GetValue<string>());
            Assert.Equal(0, (await browser.Evaluate("document.querySelectorAll('img, iframe, b, main script').length")).GetValue<int>());
            Assert.NotEqual(0, (await browser.Evaluate("document.querySelectorAll('section').length")).GetValue<int>());
            Assert.False((await browser.Evaluate("/NaN|undefined|Infinity|\\[object/.test(document.body.innerText)")).GetValue<bool>());
            // What is too wide scrolls in a region of its own, never the page.
            Assert.True((await browser.Evaluate("document.documentElement.scrollWidth <= innerWidth")).GetValue<bool>(), $"wider than {width}");
        }

        Assert.Equal(2, browser.Files);
    }

    [Fact]
    public async Task Search_and_sort_work_with_the_keyboard()
    {
        const string names = "[...document.querySelectorAll('tbody th.layer')].map(c => c.firstChild.textContent).join()";
        using var folder = new TempFolder();
        await using Chromium browser = await Chromium.Start();
        await browser.Look(1280, "light");
        await browser.Open(Written(folder, "profile"));

        // By energy, the dearest first; what has none is last.
        Assert.Equal("stage1/block0/conv2,conv1,fc,pool,reorder_0,softmax,dropout", (await browser.Evaluate(names)).GetValue<string>());

        await browser.Evaluate("[...document.querySelectorAll('thead button')].find(b => b.textContent.startsWith('Layer')).focus()");
        await browser.Press("Enter", 13);
        Assert.Equal("conv1,dropout,fc,pool,reorder_0,softmax,stage1/block0/conv2", (await browser.Evaluate(names)).GetValue<string>());
        Assert.Equal("ascending", (await browser.Evaluate("document.querySelector('th.layer').getAttribute('aria-sort')")).GetValue<string>());
        Assert.Equal(1, (await browser.Evaluate("document.querySelectorAll('[aria-sort]').length")).GetValue<int>());
        await browser.Press("Enter", 13);
        Assert.Equal("descending", (await browser.Evaluate("document.querySelector('th.layer').getAttribute('aria-sort')")).GetValue<string>());
        Assert.StartsWith("stage1/block0/conv2", (await browser.Evaluate(names)).GetValue<string>(), StringComparison.Ordinal);

        await browser.Evaluate("document.querySelector('input[type=search]').focus()");
        await browser.Type("FUSED");
        Assert.Equal("stage1/block0/conv2,conv1", (await browser.Evaluate(names)).GetValue<string>());
        Assert.Equal("2 of 7 layers", (await browser.Evaluate("document.querySelector('[role=status]').textContent")).GetValue<string>());
        await browser.Type("no such layer");
        Assert.Equal("", (await browser.Evaluate(names)).GetValue<string>());
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Dark_and_light_differ_and_both_are_drawn()
    {
        using var folder = new TempFolder();
        await using Chromium browser = await Chromium.Start();
        var grounds = new Dictionary<string, string>();
        var pictures = new Dictionary<string, byte[]>();
        foreach (string scheme in new[] { "light", "dark" })
        {
            await browser.Look(1280, scheme);
            await browser.Open(Written(folder, "profile"));
            grounds[scheme] = (await browser.Evaluate("getComputedStyle(document.body).backgroundColor")).GetValue<string>();
            pictures[scheme] = await browser.Picture();
        }

        Assert.Equal("rgb(246, 247, 249)", grounds["light"]);
        Assert.Equal("rgb(15, 18, 22)", grounds["dark"]);
        Assert.NotEqual(pictures["light"], pictures["dark"]);
    }

    [Fact]
    public async Task A_graph_is_asked_with_mouse_and_keyboard()
    {
        const string panel = "document.querySelector('.panel').innerText";
        using var folder = new TempFolder();
        await using Chromium browser = await Chromium.Start();
        await browser.Look(1280, "light");
        await browser.Open(Written(folder, "graph"));
        Assert.Contains("2 groups of units", (await browser.Evaluate(panel)).GetValue<string>(), StringComparison.Ordinal);

        // A group lights every node and tensor of it and fades the others.
        await browser.Evaluate("[...document.querySelectorAll('.panel .row')].find(b => b.textContent.startsWith('g1')).click()");
        Assert.Contains("Group g1", (await browser.Evaluate(panel)).GetValue<string>(), StringComparison.Ordinal);
        int lit = (await browser.Evaluate("document.querySelectorAll('.faded .box.lit').length")).GetValue<int>();
        Assert.Equal((await browser.Evaluate("JSON.parse(document.getElementById('data').textContent).graph.boxes.filter(b => b.groups.includes(1)).length")).GetValue<int>(), lit);

        // Arrows walk along the lines, Escape goes back.
        await browser.Evaluate("document.querySelector('.canvas > svg').focus()");
        await browser.Press("ArrowDown", 40);
        await browser.Press("ArrowDown", 40);
        Assert.Contains("Conv", (await browser.Evaluate(panel)).GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("1", (await browser.Evaluate("document.querySelector('.box.chosen').dataset.box")).GetValue<string>());
        await browser.Press("Escape", 27);
        Assert.Equal(0, (await browser.Evaluate("document.querySelectorAll('.chosen, .faded').length")).GetValue<int>());

        // A frozen node says why.
        await browser.Evaluate("document.querySelector('input[type=search]').focus()");
        await browser.Type("softmax_");
        Assert.NotEqual(0, (await browser.Evaluate("document.querySelectorAll('.box.found').length")).GetValue<int>());
        await browser.Evaluate("document.querySelector('.box.frozen').dispatchEvent(new MouseEvent('click', { bubbles: true }))");
        Assert.Contains("every index along this axis counts", (await browser.Evaluate(panel)).GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Names_show_what_is_in_them()
    {
        using var folder = new TempFolder();
        await using Chromium browser = await Chromium.Start();
        await browser.Look(1280, "light");
        await browser.Open(Written(folder, "hostile"));

        string text = (await browser.Evaluate("document.body.innerText")).GetValue<string>();

        Assert.Contains("</script><script>document.title='owned'</script>", text, StringComparison.Ordinal);
        Assert.Contains("a⟨U+202E⟩gpj.exe", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', text);
    }

    private static string Written(TempFolder folder, string name)
    {
        ProfileDocument measured = ProfileSamples.Measured;
        ReportPage page = name switch
        {
            "profile" => ReportPage.Of(measured, Costs),
            "invalid" => ReportPage.Of(ProfileSamples.Invalid, null),
            "hostile" => ReportPage.Of(Hostile(), null),
            "costs" => ReportPage.Of(Costs),
            "training" => ReportPage.Of(TrainReportTests.Document(24)),
            "training-one-epoch" => ReportPage.Of(TrainReportTests.Document(1, judged: false) with { Model = HtmlPageTests.HostileNames[0], Output = HtmlPageTests.HostileNames[3] }),
            "loop" => ReportPage.Of(LoopReportTests.Remote, measured, Costs),
            "loop-hostile" => ReportPage.Of(
                LoopReportTests.Remote with { Verdict = "rolled-back", Reasons = HtmlPageTests.HostileNames, Agent = HtmlPageTests.HostileNames[0], Rounds = null, Recovery = null },
                Hostile(),
                Costs),
            "prune" => ReportPage.Of(PruneReportTests.Document, "model.onnx"),
            "prune-hostile" => ReportPage.Of(
                PruneReportTests.Document with { Evaluation = null, Recipe = HtmlPageTests.HostileNames[0], Kinds = [new RemovedKind(HtmlPageTests.HostileNames[1], 3, 0)], Targets = [] },
                HtmlPageTests.HostileNames[2]),
            "search" => ReportPage.Of(SearchReportTests.Document),
            "search-hostile" => ReportPage.Of(SearchReportTests.Document with
            {
                Model = HtmlPageTests.HostileNames[0],
                Metric = "macs",
                Front = [SearchReportTests.Document.Front[0] with { Recipe = HtmlPageTests.HostileNames[1], Output = HtmlPageTests.HostileNames[2] }],
                Trials = [SearchReportTests.Document.Trials[4] with { Problem = HtmlPageTests.HostileNames[3] }],
            }),
            "graph" => ReportPage.Of(GraphSamples.Of(GraphSamples.Residual())),
            "graph-hostile" => ReportPage.Of(GraphSamples.Named(GraphSamples.Of(GraphSamples.Residual()), HtmlPageTests.HostileNames)),
            _ => ReportPage.Of(ProfileComparison.Of(measured, ProfileSamples.Scaled(measured, 0.8), ("a.json", "b.json"), across: false)),
        };
        string path = folder.File(name + ".html");
        HtmlPage.Write(path, page);
        return path;
    }

    private static ProfileDocument Hostile()
    {
        ProfileLayer layer = ProfileSamples.Modelled.Layers[0];
        return ProfileSamples.Modelled with
        {
            Model = HtmlPageTests.HostileNames[0],
            Device = HtmlPageTests.HostileNames[3],
            Warnings = HtmlPageTests.HostileNames,
            Layers = [.. HtmlPageTests.HostileNames.Select(n => layer with { Name = n, Op = n, Nodes = [n, n] })],
        };
    }
}
