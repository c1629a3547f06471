using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>What a job measures.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobKind>))]
internal enum JobKind
{
    /// <summary>Each layer of a model.</summary>
    [JsonStringEnumMemberName("profile")]
    Profile,

    /// <summary>Each layer of a model over its widths.</summary>
    [JsonStringEnumMemberName("costs")]
    Costs,

    /// <summary>Two models, interleaved.</summary>
    [JsonStringEnumMemberName("compare")]
    Compare,
}
