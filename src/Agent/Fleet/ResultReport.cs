namespace EdgePrune.Agent.Fleet;

/// <summary>What became of a revision on a device.</summary>
/// <param name="Revision">Which.</param>
/// <param name="State">A state of the deployment as the journal names it; <c>committed</c>, <c>refused</c> and <c>rolled-back</c> are ends.</param>
/// <param name="Deployment">The deployment's name on the device, or null where it did not come that far.</param>
/// <param name="Reason">Why it ended as it did, or null.</param>
public sealed record ResultReport(long Revision, string State, string? Deployment, string? Reason);
