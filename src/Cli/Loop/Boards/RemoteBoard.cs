namespace EdgePrune.Cli.Loop.Boards;

/// <summary>How a loop reaches an agent.</summary>
/// <param name="Address">Its URL.</param>
/// <param name="Keys">Folder of certificates; null for plain http on loopback.</param>
/// <param name="BundleKey">The key that signs bundles.</param>
internal sealed record RemoteBoard(string Address, string? Keys, string BundleKey);
