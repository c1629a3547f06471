namespace EdgePrune.TestSupport;

/// <summary>Where the checkout is, found from the test's own binary upwards.</summary>
internal static class Repository
{
    /// <summary>The folder that holds <c>EdgePrune.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgePrune.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no EdgePrune.sln above {AppContext.BaseDirectory}");
    }
}
