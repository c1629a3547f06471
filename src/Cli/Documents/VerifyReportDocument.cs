namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>verify-report</c>.</summary>
/// <param name="Files">What is as it was signed.</param>
/// <param name="Signed">When, by the signer's word.</param>
/// <param name="Signers">The keys.</param>
internal sealed record VerifyReportDocument(IReadOnlyList<string> Files, DateTimeOffset Signed, IReadOnlyList<string> Signers);
