namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>keys renew</c>, <c>keys revoke</c> and <c>keys export</c>.</summary>
/// <param name="File">What was written.</param>
/// <param name="Name">Whose certificate it is.</param>
/// <param name="Expires">When it ends.</param>
internal sealed record CertificateDocument(string File, string Name, DateTimeOffset Expires);
