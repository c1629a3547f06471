namespace EdgePrune.Agent.Certificates;

/// <summary>A certificate with its private key, both in PEM.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Key">Its private key, PKCS #8; secret.</param>
/// <param name="Expires">When it ends.</param>
public sealed record IssuedCertificate(string Certificate, string Key, DateTimeOffset Expires);
