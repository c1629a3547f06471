namespace EdgePrune.Cli.Deployment;

/// <summary>How to start this very program once more, as <c>edgeprune preflight</c>.</summary>
internal static class PreflightProgram
{
    private const string Command = "preflight";

    public static (string Program, string[] Arguments) Find()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "edgeprune.dll");
        string? process = Environment.ProcessPath;
        string name = Path.GetFileNameWithoutExtension(process ?? "");
        return name switch
        {
            "edgeprune" => (process!, [Command]), // published with a host of its own
            "dotnet" => (process!, [program, Command]),
            _ => (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, Command]),
        };
    }
}
