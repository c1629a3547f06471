using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Deployment;

/// <param name="Compared">Answers to real inputs that were compared with the incumbent's.</param>
/// <param name="Agreed">How many were alike.</param>
public sealed record AnswerFigure([property: JsonPropertyName("compared")] int Compared, [property: JsonPropertyName("agreed")] int Agreed);
