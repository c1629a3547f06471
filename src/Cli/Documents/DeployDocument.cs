using EdgePrune.Agent.Deployment;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>deploy</c> and <c>rollback</c>.</summary>
/// <param name="Deployed">What serves now.</param>
/// <param name="Replaced">Digest of what served before, or null.</param>
/// <param name="AlreadyCurrent">That very model served already; nothing was done.</param>
/// <param name="Preflight">How the trial run went; null where there was none.</param>
/// <param name="Store">The store's folder.</param>
internal sealed record DeployDocument(DeployedModel Deployed, string? Replaced, bool AlreadyCurrent, PreflightFacts? Preflight, string Store)
{
    public static DeployDocument Of(DeployResult result, string store) => new(
        new DeployedModel(result.Digest.ToString(), result.Path),
        result.Replaced?.ToString(),
        result.AlreadyCurrent,
        result.Preflight is { } preflight ? new PreflightFacts(preflight.Elapsed.TotalMilliseconds, preflight.PeakMemoryBytes) : null,
        store);
}

/// <param name="Digest"><c>sha256:</c> and 64 digits.</param>
/// <param name="Path">Its file in the store.</param>
internal sealed record DeployedModel(string Digest, string Path);

/// <param name="ElapsedMs">From start to end of the child process.</param>
/// <param name="PeakMemoryBytes">The most resident memory seen, or null.</param>
internal sealed record PreflightFacts(double ElapsedMs, long? PeakMemoryBytes);
