namespace EdgePrune.Agent.Trust;

/// <summary>The times in signed documents: UTC, whole seconds, so that each has one encoding.</summary>
internal static class WholeSeconds
{
    public static DateTimeOffset Of(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
