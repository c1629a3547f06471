namespace EdgePrune.Controller.Data;

/// <param name="Revision">Of the wish that it is about.</param>
/// <param name="State">How far it came, as the device's journal names it.</param>
/// <param name="Deployment">The deployment's name on the device, or null.</param>
/// <param name="Reason">Why it ended so, or null.</param>
/// <param name="Token">Of the lease under which it was told.</param>
/// <param name="Time">When.</param>
public sealed record DeviceResult(long Revision, string State, string? Deployment, string? Reason, long Token, DateTimeOffset Time);
