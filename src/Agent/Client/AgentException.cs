using EdgePrune.Onnx;

namespace EdgePrune.Agent.Client;

/// <summary>An agent could not be reached or has refused; the message says what was wrong and what to do.</summary>
public sealed class AgentException : Exception
{
    private const int MaxLength = 4000;

    /// <param name="failure">What kind of failure it is.</param>
    /// <param name="message">What was wrong, where, and what to do. It may quote what came over the network.</param>
    /// <param name="innerException">The error behind it.</param>
    public AgentException(AgentFailure failure, string message, Exception? innerException = null)
        : base(Printable.Text(message.Length > MaxLength ? message[..MaxLength] + "…" : message, keepLines: true), innerException) => Failure = failure;

    /// <summary>What kind of failure it is.</summary>
    public AgentFailure Failure { get; }
}
