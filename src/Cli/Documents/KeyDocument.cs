namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>keys key</c>.</summary>
/// <param name="File">The private key.</param>
/// <param name="Public">The public key.</param>
/// <param name="KeyId">Its name in roots and signatures.</param>
internal sealed record KeyDocument(string File, string Public, string KeyId);
