using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Store;

/// <summary>How far a deployment has come. The order of the members is the order of the path.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeploymentState>))]
public enum DeploymentState
{
    /// <summary>The bytes are on this disk and their digest is known.</summary>
    [JsonStringEnumMemberName("received")]
    Received,

    /// <summary>The model check has accepted the file.</summary>
    [JsonStringEnumMemberName("verified")]
    Verified,

    /// <summary>The file is an object of the store, durable.</summary>
    [JsonStringEnumMemberName("staged")]
    Staged,

    /// <summary>The model is about to be loaded and run in a process of its own.</summary>
    [JsonStringEnumMemberName("preflight")]
    Preflight,

    /// <summary><c>current</c> names the new model.</summary>
    [JsonStringEnumMemberName("switched")]
    Switched,

    /// <summary>The new model serves and is being compared with the one that it replaced.</summary>
    [JsonStringEnumMemberName("probation")]
    Probation,

    /// <summary>Kept. The model that it replaced is <c>previous</c>.</summary>
    [JsonStringEnumMemberName("committed")]
    Committed,

    /// <summary>The model that it had replaced is <c>current</c> again.</summary>
    [JsonStringEnumMemberName("rolled-back")]
    RolledBack,

    /// <summary>Ended before the switch; <c>current</c> never moved.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,
}
