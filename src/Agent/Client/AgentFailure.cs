namespace EdgePrune.Agent.Client;

/// <summary>Why an agent did not do what it was asked for.</summary>
public enum AgentFailure
{
    /// <summary>Nothing answers there, or not any more.</summary>
    Unreachable,

    /// <summary>One side does not trust the other's certificate.</summary>
    Untrusted,

    /// <summary>The certificate does not have the role.</summary>
    Unauthorized,

    /// <summary>What was named is not there.</summary>
    Missing,

    /// <summary>The agent says no, and why.</summary>
    Refused,

    /// <summary>What answers does not speak as an agent does.</summary>
    Protocol,
}
