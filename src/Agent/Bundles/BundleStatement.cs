using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Bundles;

/// <summary>The signed manifest: an in-toto statement, the shape that OpenSSF Model Signing gives its signatures.</summary>
internal sealed record BundleStatement(
    [property: JsonPropertyName("_type")] string Type,
    [property: JsonPropertyName("subject")] IReadOnlyList<StatementSubject> Subject,
    [property: JsonPropertyName("predicateType")] string PredicateType,
    [property: JsonPropertyName("predicate")] BundlePredicate Predicate)
{
    public const string StatementType = "https://in-toto.io/Statement/v1";
    public const string BundlePredicateType = "urn:edgeprune:bundle:v1";
}
