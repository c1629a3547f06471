using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Deployment;

/// <summary>What <see cref="StartWatch"/> keeps on the disk.</summary>
/// <param name="Digest">The model that was being served.</param>
/// <param name="Crashes">Starts with it that ended soon and not by a stop, one after the other.</param>
/// <param name="IsRunning">Written before a start, taken back by a stop: still there after a crash.</param>
/// <param name="IsStable">It has served long enough for a crash not to be blamed on it.</param>
internal sealed record StartState(
    [property: JsonPropertyName("digest")] string Digest,
    [property: JsonPropertyName("crashes")] int Crashes,
    [property: JsonPropertyName("running")] bool IsRunning,
    [property: JsonPropertyName("stable")] bool IsStable);
