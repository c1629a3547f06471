using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Reports;

/// <summary>What is signed of a report: an in-toto statement (v1) about its files.</summary>
internal sealed record ReportStatement(
    [property: JsonPropertyName("_type")] string Type,
    [property: JsonPropertyName("subject")] IReadOnlyList<ReportFile> Subject,
    [property: JsonPropertyName("predicateType")] string PredicateType,
    [property: JsonPropertyName("predicate")] ReportPredicate Predicate)
{
    public const string StatementType = "https://in-toto.io/Statement/v1";
    public const string ReportPredicateType = "urn:edgeprune:report:v1";
}

/// <param name="Name">The file's name, without a folder.</param>
/// <param name="Digest">Of its bytes.</param>
internal sealed record ReportFile(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("digest")] ReportDigest Digest);

/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
internal sealed record ReportDigest([property: JsonPropertyName("sha256")] string Sha256);

/// <param name="Signed">When it was signed, by its signer's word.</param>
internal sealed record ReportPredicate([property: JsonPropertyName("signed")] DateTimeOffset Signed);
