using System.Text.Json;
using EdgePrune.TestSupport;
using EdgePrune.TestSupport.Hostile;

namespace EdgePrune.Cli.Tests;

/// <summary>Every malformed model through the command line: one document, an exit code, nothing left behind.</summary>
public abstract class HostileModelTests
{
    private const int Parts = 2;

    // These take seconds each, or never end; they run as processes in EndToEnd.Tests.
    private static readonly string[] Slow =
        ["100,000 graphs that see 100,000 names, cyclic", "graphs 20,000 deep", "memory taken in steps", "packed numbers that grow eightfold"];

    // Two classes run beside each other: most of the time is the start of a child process for each entry.
    private static TheoryData<string> Part(int part) =>
        [.. HostileModels.All.Where(m => !m.NeverEnds && !Slow.Contains(m.Name)).Where((_, i) => i % Parts == part).Select(m => new TheoryDataRow<string>(m.Name))];

    private static void Refuses(string name)
    {
        HostileModel entry = HostileModels.Named(name);
        using var folder = new TempFolder();
        string path = entry.Write(folder.Path);
        string[] before = [.. Directory.EnumerateFileSystemEntries(folder.Path).Order()];

        CapturedRun run = CapturedRun.Of("inspect", path, "--json");

        Assert.True(run.Code is ExitCode.Failed or ExitCode.Usage, $"{run.Code}: {run.Error}");
        JsonProperty only = Assert.Single(run.Document.EnumerateObject());
        Assert.Equal("error", only.Name);
        string message = only.Value.GetProperty("message").GetString()!;
        Assert.Equal("input", only.Value.GetProperty("kind").GetString());
        Assert.NotEmpty(message);
        Assert.Contains(entry.Words, message, StringComparison.Ordinal);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Error);
        Assert.Equal(before.AsEnumerable(), Directory.EnumerateFileSystemEntries(folder.Path).Order());
    }

    public sealed class FirstHalf : HostileModelTests
    {
        public static TheoryData<string> Entries => Part(0);

        [Theory]
        [MemberData(nameof(Entries))]
        public void Ends_in_an_error_in_words(string name) => Refuses(name);
    }

    public sealed class SecondHalf : HostileModelTests
    {
        public static TheoryData<string> Entries => Part(1);

        [Theory]
        [MemberData(nameof(Entries))]
        public void Ends_in_an_error_in_words(string name) => Refuses(name);
    }
}
