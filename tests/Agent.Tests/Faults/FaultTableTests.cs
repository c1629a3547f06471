using System.Globalization;
using System.Text;
using EdgePrune.Onnx.Files;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>The page about faults says what the tests do, and no more.</summary>
public sealed class FaultTableTests
{
    private const int FewestCases = 120;

    private static IReadOnlyList<FaultSection> Sections { get; } =
    [
        StateFaultTests.Section,
        PowerLossTests.Section,
        InputOutputErrorTests.Section,
        OperationFaultTests.Section,
        KernelFaultTests.Section,
        TrustFaultTests.Section,
        TransportFaultTests.Section,
        TlsFaultTests.Section,
        HostileModelFaultTests.Section,
        HealthFaultTests.Section,
        StartFaultTests.Section,
    ];

    [Fact]
    public void The_page_is_what_the_tests_are()
    {
        string path = Path.Combine(Repository.Root, "docs", "agent-faults.md");
        string text = Render();
        if (Environment.GetEnvironmentVariable("EDGEPRUNE_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == text, "docs/agent-faults.md is not what the tests are; EDGEPRUNE_UPDATE_GOLDEN=1 writes it");
    }

    [Fact]
    public void There_are_enough_cases_and_no_name_comes_twice()
    {
        string[] names = [.. Sections.SelectMany(s => s.Cases).Select(c => c.Name)];
        Assert.True(names.Length >= FewestCases, $"{names.Length} cases");
        Assert.Equal(names.Length, names.Distinct(StringComparer.Ordinal).Count());
        Assert.True(HostileModelFaultTests.Section.Cases.Count >= 35);
    }

    [Fact]
    public void Every_case_of_a_section_is_run_by_its_class()
    {
        foreach (FaultSection section in Sections)
        {
            object? cases = section.Tests.GetProperty("Cases")!.GetValue(null);
            Assert.Equal(section.Cases.Count, Assert.IsType<TheoryData<string>>(cases).Count);
            Assert.Contains(section.Tests.GetMethods(), m => m.GetCustomAttributes(typeof(TheoryAttribute), false).Length > 0 && m.GetCustomAttributes(typeof(MemberDataAttribute), false) is [MemberDataAttribute { MemberName: "Cases" }]);
        }
    }

    /// <summary>The runtime's own flush drops errors; see <see cref="DurableFile"/>, which is not used only where it is itself.</summary>
    [Fact]
    public void Nothing_that_must_last_is_flushed_by_the_runtime_s_own_flush()
    {
        IEnumerable<string> sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories);
        string[] own = [.. sources.Where(s => File.ReadAllText(s).Contains("flushToDisk", StringComparison.Ordinal)).Select(s => Path.GetFileName(s))];
        Assert.Equal(["DurableFile.cs"], own);
    }

    private static string Render()
    {
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append('\n');
        int count = Sections.Sum(s => s.Cases.Count);
        Line("# Faults of the agent and how each ends");
        Line();
        Line(string.Create(CultureInfo.InvariantCulture, $"Every line is a test; there are {count}. This page is written by the tests (`FaultTableTests`). Throughout: a whole, verified model serves, old or new,"));
        Line("and nothing that has been acknowledged is lost. `EDGEPRUNE_NIGHTLY=1` tries more of the same: every operation, every selection, more drawn by lot.");
        foreach (FaultSection section in Sections)
        {
            Line();
            Line($"## {section.Title}");
            Line();
            Line($"`{section.Tests.Name}`. {section.About}");
            Line();
            Line("| fault | ends |");
            Line("|---|---|");
            foreach (FaultCase entry in section.Cases)
            {
                Line($"| {entry.Name.Replace("|", "\\|", StringComparison.Ordinal)} | {entry.Ends} |");
            }
        }

        return text.ToString();
    }
}
