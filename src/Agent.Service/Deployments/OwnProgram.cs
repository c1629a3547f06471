namespace EdgePrune.Agent.Service.Deployments;

/// <summary>How to start this very program once more, as a child process.</summary>
internal static class OwnProgram
{
    /// <param name="command">Its first argument.</param>
    public static (string Program, string[] Arguments) With(string command)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "edgeprune-agent.dll");
        string process = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(process) switch
        {
            "edgeprune-agent" => (process, [command]),
            "dotnet" => (process, [assembly, command]),
            _ => (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [assembly, command]),
        };
    }
}
