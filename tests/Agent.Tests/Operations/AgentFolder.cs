using System.Text.Json;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>A configuration for a real agent process on the loopback address, and where its program is.</summary>
internal static class AgentFolder
{
    /// <summary>
    /// The folder of the agent: as it was built, or, where the environment variable <c>EDGEPRUNE_PUBLISHED</c> names one, as
    /// <c>publish.sh</c> has made it for this machine.
    /// </summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("EDGEPRUNE_PUBLISHED")
        ?? Path.Combine(Repository.Root, "artifacts", "bin", "EdgePrune.Agent.Service", new DirectoryInfo(AppContext.BaseDirectory).Name);

    /// <summary>What starts it.</summary>
    public static string[] CommandLine { get; } = Environment.GetEnvironmentVariable("EDGEPRUNE_PUBLISHED") is { } published
        ? [Path.Combine(published, "edgeprune-agent")]
        : [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "edgeprune-agent.dll")];

    public static string Packaging { get; } = Path.Combine(Repository.Root, "src", "Agent.Service", "packaging");

    /// <summary>Writes <c>root.json</c> and <c>agent.json</c>, with paths relative to the folder.</summary>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="more">Settings besides.</param>
    /// <returns>The configuration's path.</returns>
    public static string Configure(string folder, params (string Key, object Value)[] more)
    {
        Directory.CreateDirectory(folder);
        using var root = SigningKey.Create();
        using var bundle = SigningKey.Create();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        RootMetadata metadata = RootMetadata.Of(1, now, now.AddDays(10), new Dictionary<SigningRole, (IReadOnlyList<VerificationKey>, int)>
        {
            [SigningRole.Root] = ([root.Public], 1),
            [SigningRole.Bundle] = ([bundle.Public], 1),
        });
        File.WriteAllBytes(Path.Combine(folder, "root.json"), metadata.Seal([root]).ToBytes());
        var settings = new Dictionary<string, object> { ["listen"] = "http://127.0.0.1:0", ["data"] = "data", ["root"] = "root.json", ["deviceClass"] = "host" };
        foreach ((string key, object value) in more)
        {
            settings[key] = value;
        }

        string path = Path.Combine(folder, "agent.json");
        File.WriteAllText(path, JsonSerializer.Serialize(settings));
        return path;
    }
}
