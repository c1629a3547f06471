using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

/// <summary>
/// Compares what people see with a file that was looked at and committed. <c>EDGEPRUNE_UPDATE_GOLDEN=1</c> rewrites the files; the
/// diff is then reviewed like code.
/// </summary>
internal static class Golden
{
    public static void Check(string name, string actual)
    {
        string path = Path.Combine(Repository.Root, "tests", "Cli.Tests", "Golden", name + ".txt");
        string text = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("EDGEPRUNE_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), text);
    }
}
