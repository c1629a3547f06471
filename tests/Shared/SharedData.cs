namespace EdgePrune.TestSupport;

/// <summary>
/// Real models and data that live beside the checkout, in <c>../shared/data</c>. They are not part of the product:
/// a test that wants them calls <see cref="Require"/> first and skips, visibly, where they are missing.
/// </summary>
internal static class SharedData
{
    /// <summary>The full path of a file below <c>../shared/data</c>; skips the running test where it is missing.</summary>
    public static string Require(string relative)
    {
        string path = Path.Combine(Repository.Root, "..", "shared", "data", relative);
        Assert.SkipUnless(File.Exists(path), $"shared data is not here: {relative}");
        return Path.GetFullPath(path);
    }
}
