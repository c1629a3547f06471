using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Service.Serving;

/// <param name="Digest">A model that serves or has served.</param>
/// <param name="Stats">What it has done.</param>
internal sealed record ServedStats(ModelDigest Digest, ModelStats Stats);
