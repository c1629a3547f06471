using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Deployment;

/// <param name="Run">Canaries run.</param>
/// <param name="Passed">How many gave the expected outputs.</param>
/// <param name="Accuracy">Share classified as labelled; null where there are no labels.</param>
/// <param name="IncumbentAccuracy">The same of the model before; null where there is none.</param>
public sealed record CanaryFigure(
    [property: JsonPropertyName("run")] int Run,
    [property: JsonPropertyName("passed")] int Passed,
    [property: JsonPropertyName("accuracy"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Accuracy = null,
    [property: JsonPropertyName("incumbentAccuracy"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? IncumbentAccuracy = null);
