using System.Text.Json.Serialization;
using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Bundles;

/// <summary>A file of a bundle.</summary>
/// <param name="Name">Its name in the bundle; never used as a path on the device.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Algorithm">Always <c>sha256</c>.</param>
/// <param name="Digest">64 lower-case hexadecimal digits.</param>
/// <param name="Size">Bytes.</param>
public sealed record BundleResource(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("role")] ResourceRole Role,
    [property: JsonPropertyName("algorithm")] string Algorithm,
    [property: JsonPropertyName("digest")] string Digest,
    [property: JsonPropertyName("size")] long Size)
{
    public const string Sha256 = "sha256";

    /// <summary>The digest as the store names it.</summary>
    /// <exception cref="FormatException">It is none; the manifest has not been validated.</exception>
    [JsonIgnore]
    public ModelDigest ModelDigest => ModelDigest.TryParse(Digest, out ModelDigest? digest) ? digest : throw new FormatException();
}
