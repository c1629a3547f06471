namespace EdgePrune.Agent.Service.Configuration;

/// <summary>Files for mutual TLS, all in PEM.</summary>
/// <param name="Certificate">The agent's own certificate.</param>
/// <param name="Key">Its private key.</param>
/// <param name="ClientAuthority">The certificate of the authority that issues clients' certificates.</param>
/// <param name="DenyList">Certificates that do not count; null: none.</param>
internal sealed record TlsSettings(string Certificate, string Key, string ClientAuthority, string? DenyList);
