using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Trust;

/// <summary>A key of the root metadata.</summary>
/// <param name="KeyId">The SHA-256 of <paramref name="Public"/>, 64 lower-case hexadecimal digits.</param>
/// <param name="Scheme">Always <see cref="EcdsaP256"/>.</param>
/// <param name="Public">SubjectPublicKeyInfo, DER.</param>
public sealed record RootKey(
    [property: JsonPropertyName("keyid")] string KeyId,
    [property: JsonPropertyName("scheme")] string Scheme,
    [property: JsonPropertyName("public")] byte[] Public)
{
    public const string EcdsaP256 = "ecdsa-p256-sha256";
}
