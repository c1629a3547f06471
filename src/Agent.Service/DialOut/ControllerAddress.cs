namespace EdgePrune.Agent.Service.DialOut;

/// <summary>The controller to which this agent dials out.</summary>
/// <param name="Url">Its address, https.</param>
/// <param name="Certificate">This device's certificate, PEM, with the role <c>device</c> and the device's name.</param>
/// <param name="Key">Its private key, PEM.</param>
/// <param name="Authority">The authority that has issued the controller's certificate, PEM.</param>
/// <param name="ClientAuthority">The authority that issues the certificates of the clients for whom the controller asks, PEM.</param>
/// <param name="DenyList">Clients' certificates that do not count; null: none.</param>
internal sealed record ControllerAddress(Uri Url, string Certificate, string Key, string Authority, string ClientAuthority, string? DenyList);
