namespace EdgePrune.Agent.Fleet;

/// <summary>The right to speak for a device.</summary>
/// <param name="Token">The fencing token: greater than that of every lease before. What bears a smaller one counts for nothing.</param>
/// <param name="Seconds">How long it lasts without a request.</param>
public sealed record LeaseAnswer(long Token, int Seconds);
