using System.Text.Json.Serialization;
using EdgePrune.Agent.Deployment;

namespace EdgePrune.Agent.Store;

/// <summary>
/// One line of the journal. Each line repeats what the deployment replaces, so that the last line alone says where
/// <c>current</c> and <c>previous</c> belong.
/// </summary>
public sealed record JournalEntry
{
    /// <summary>Counts up by one from the first line that was ever written; where lines were set aside, numbers are missing.</summary>
    [JsonPropertyName("seq")]
    public required long Sequence { get; init; }

    [JsonPropertyName("time")]
    public required DateTimeOffset Time { get; init; }

    /// <summary>Names the deployment; all its lines have the same.</summary>
    [JsonPropertyName("deployment")]
    public required string Deployment { get; init; }

    [JsonPropertyName("state")]
    public required DeploymentState State { get; init; }

    /// <summary>The model being deployed.</summary>
    [JsonPropertyName("digest")]
    public required ModelDigest Digest { get; init; }

    /// <summary>What <c>current</c> is again if the deployment does not stay; null: there was none.</summary>
    [JsonPropertyName("replaces")]
    public ModelDigest? Replaces { get; init; }

    /// <summary>What <c>previous</c> is if the deployment does not stay; null: there is none.</summary>
    [JsonPropertyName("previous")]
    public ModelDigest? Previous { get; init; }

    /// <summary>Why it ended as it did.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>What the one who asked for the deployment wrote about it.</summary>
    [JsonPropertyName("note")]
    public string? Note { get; init; }

    /// <summary>What probation found; on the line that decided, where the agent decided.</summary>
    [JsonPropertyName("verdict")]
    public DeploymentVerdict? Verdict { get; init; }

    /// <summary>How the model did on its bundle's canaries; on the line that committed it, where no verdict tells it.</summary>
    [JsonPropertyName("canaries")]
    public CanaryFigure? Canaries { get; init; }
}
