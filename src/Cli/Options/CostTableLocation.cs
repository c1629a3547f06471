namespace EdgePrune.Cli.Options;

/// <summary>Where measured costs are kept, one file a device, so that models with equal layers share them.</summary>
internal static class CostTableLocation
{
    /// <summary>The option, else a file in the user's data folder; its folder is made.</summary>
    public static string Resolve(string? option, string device)
    {
        string path = Path.GetFullPath(option ?? Path.Combine(StoreLocation.UserData(), "costs", device + ".sqlite"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
