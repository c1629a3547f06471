using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Deployment;

/// <summary>What probation found, kept in the journal on the line of the decision.</summary>
public sealed record DeploymentVerdict
{
    public const string Committed = "committed";
    public const string RolledBack = "rolled-back";

    /// <summary><see cref="Committed"/> or <see cref="RolledBack"/>.</summary>
    [JsonPropertyName("decision")]
    public required string Decision { get; init; }

    /// <summary>A sentence for each thing that was looked at.</summary>
    [JsonPropertyName("reasons")]
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Time in the runtime, new over old; null: not compared.</summary>
    [JsonPropertyName("latencyRatio")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RatioFigure? LatencyRatio { get; init; }

    /// <summary>Energy of the board per inference, new over old; null: not compared.</summary>
    [JsonPropertyName("energyRatio")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RatioFigure? EnergyRatio { get; init; }

    /// <summary>Null: no answer to a real input was compared.</summary>
    [JsonPropertyName("answers")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AnswerFigure? Answers { get; init; }

    /// <summary>Null: the bundle held no canaries.</summary>
    [JsonPropertyName("canaries")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CanaryFigure? Canaries { get; init; }

    [JsonIgnore]
    public bool IsKept => Decision == Committed;
}
