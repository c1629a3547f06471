using EdgePrune.Onnx;

namespace EdgePrune.Cli.Loop;

/// <summary>Where the agent's program is: beside this one where both were published together, else among the outputs of the build.</summary>
internal static class AgentProgram
{
    /// <summary>Environment variable that names it.</summary>
    public const string Variable = "EDGEPRUNE_AGENT_PROGRAM";

    private const string Assembly = "edgeprune-agent.dll";
    private const string Project = "EdgePrune.Agent.Service";

    /// <returns>The program and what stands before its own arguments.</returns>
    /// <exception cref="InputException">It is nowhere.</exception>
    public static (string Program, string[] Arguments) Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named) ? Start(named) : throw new InputException($"the environment variable {Variable} names {named}, which is not there");
        }

        string beside = Path.Combine(AppContext.BaseDirectory, Assembly);
        if (File.Exists(beside) && File.Exists(Path.ChangeExtension(beside, ".runtimeconfig.json")))
        {
            return Start(beside);
        }

        // artifacts/bin/<project>/<configuration>, of which this program is one as well.
        string configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string built = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", Project, configuration, Assembly));
        return File.Exists(built)
            ? Start(built)
            : throw new InputException($"the agent's program is neither beside {AppContext.BaseDirectory} nor at {built}; build src/Agent.Service, or name it with {Variable}");
    }

    private static (string Program, string[] Arguments) Start(string path) => Path.GetExtension(path) == ".dll"
        ? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [path])
        : (path, []);
}
