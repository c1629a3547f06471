using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Service.Api;

/// <param name="State">The state as the journal names it.</param>
/// <param name="Time">When it was reached.</param>
/// <param name="Reason">Why, where it ended.</param>
internal sealed record DeploymentStep(DeploymentState State, DateTimeOffset Time, string? Reason);
