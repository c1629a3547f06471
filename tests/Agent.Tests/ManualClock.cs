namespace EdgePrune.Agent.Tests;

/// <summary>A calendar that stands where the test puts it. Durations are real.</summary>
internal sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
