namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>bundle</c>.</summary>
/// <param name="Path">The bundle.</param>
/// <param name="Name">The model's name.</param>
/// <param name="Version">The bundle's version.</param>
/// <param name="Model">Digest of the model's bytes.</param>
/// <param name="Manifest">Digest of the signed manifest, which a timestamp names.</param>
/// <param name="Expires">From when on it is not taken any more.</param>
internal sealed record BundleDocument(string Path, string Name, long Version, string Model, string Manifest, DateTimeOffset Expires);
