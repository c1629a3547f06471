using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Deployment;

/// <summary>The encoding of what is remembered about starts.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 8)]
[JsonSerializable(typeof(StartState))]
[JsonSerializable(typeof(BadModel[]))]
internal sealed partial class StartJson : JsonSerializerContext;
