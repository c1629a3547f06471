namespace EdgePrune.Cli.Options;

/// <summary>Where models are deployed to where <c>--store</c> does not say.</summary>
internal static class StoreLocation
{
    public const string Variable = "EDGEPRUNE_STORE";

    /// <summary>The option, else the environment variable, else a folder in the user's data folder.</summary>
    public static string Resolve(string? option)
    {
        string? variable = Environment.GetEnvironmentVariable(Variable);
        return Path.GetFullPath(option ?? (string.IsNullOrEmpty(variable) ? Path.Combine(UserData(), "store") : variable));
    }

    /// <summary>The folder for what edgeprune keeps between runs.</summary>
    public static string UserData()
    {
        string folder = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(folder.Length > 0 ? folder : Path.GetTempPath(), "edgeprune");
    }
}
