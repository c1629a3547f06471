using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>Who ends a probation.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WhoDecides>))]
internal enum WhoDecides
{
    /// <summary>The agent, by what it measures.</summary>
    [JsonStringEnumMemberName("agent")]
    Agent,

    /// <summary>A client, in time.</summary>
    [JsonStringEnumMemberName("decide")]
    Client,
}
