using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Bundles;

/// <summary>When two answers of a model are alike.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerCheck>))]
public enum AnswerCheck
{
    /// <summary>The largest value along the last axis is at the same place in every row: classifiers.</summary>
    [JsonStringEnumMemberName("top-1")]
    Top1,

    /// <summary>No value differs by more than the tolerance, as a share of the largest expected magnitude.</summary>
    [JsonStringEnumMemberName("values")]
    Values,
}
