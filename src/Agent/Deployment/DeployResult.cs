using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Deployment;

/// <summary>What serves after a deployment or a rollback.</summary>
/// <param name="Digest">The model that serves now.</param>
/// <param name="Path">Its full path in the store.</param>
/// <param name="Replaced">The model that served before; null: none did.</param>
/// <param name="AlreadyCurrent">Nothing was done, because that very model served already.</param>
/// <param name="Preflight">How the preflight went; null where there was none.</param>
public sealed record DeployResult(ModelDigest Digest, string Path, ModelDigest? Replaced, bool AlreadyCurrent, PreflightResult? Preflight);
