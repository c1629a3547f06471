using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Bundles;

/// <summary>What a file of a bundle is for. There is no role for anything else, so nothing else can come along.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResourceRole>))]
public enum ResourceRole
{
    /// <summary>The model: one ONNX file, without external data.</summary>
    [JsonStringEnumMemberName("model")]
    Model,

    /// <summary>Inputs with the outputs that the model must give for them.</summary>
    [JsonStringEnumMemberName("canary")]
    Canary,
}
