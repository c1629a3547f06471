namespace EdgePrune.Agent.Service.Serving;

/// <summary>More is asked than can be answered now; the same request may be answered later.</summary>
internal sealed class BusyException(string message, TimeSpan retryAfter) : Exception(message)
{
    public TimeSpan RetryAfter => retryAfter;
}
