using System.Text.Json.Serialization;
using EdgePrune.Agent.Signing;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Trust;

/// <summary>The list of keys that a device trusts, as TUF's root role (specification 1.0, section 4.3), in a document of our own.</summary>
public sealed record RootMetadata
{
    /// <summary>The type under which it is signed.</summary>
    public const string PayloadType = "application/vnd.edgeprune.root.v1+json";

    /// <summary>The step in versions that is allowed where nothing else is said.</summary>
    public const long DefaultMaxVersionStep = 10_000;

    private const int MaxKeys = 32;

    /// <summary>Counts up by exactly one from root to root.</summary>
    [JsonPropertyName("version")]
    public required long Version { get; init; }

    [JsonPropertyName("issued")]
    public required DateTimeOffset Issued { get; init; }

    /// <summary>From then on nothing new is accepted until a newer root comes.</summary>
    [JsonPropertyName("expires")]
    public required DateTimeOffset Expires { get; init; }

    /// <summary>
    /// By how much the version of a bundle or a timestamp may exceed the last one: a thief of a key cannot use up all
    /// the numbers at one stroke.
    /// </summary>
    [JsonPropertyName("maxVersionStep")]
    public long MaxVersionStep { get; init; } = DefaultMaxVersionStep;

    [JsonPropertyName("keys")]
    public required IReadOnlyList<RootKey> Keys { get; init; }

    [JsonPropertyName("roles")]
    public required RootRoles Roles { get; init; }

    /// <summary>A root with one threshold-1 key a role unless told otherwise.</summary>
    public static RootMetadata Of(
        long version,
        DateTimeOffset issued,
        DateTimeOffset expires,
        IReadOnlyDictionary<SigningRole, (IReadOnlyList<VerificationKey> Keys, int Threshold)> roles)
    {
        ArgumentNullException.ThrowIfNull(roles);
        RoleKeys? Role(SigningRole role) =>
            roles.TryGetValue(role, out (IReadOnlyList<VerificationKey> Keys, int Threshold) r) ? new RoleKeys([.. r.Keys.Select(k => k.Id)], r.Threshold) : null;
        var root = new RootMetadata
        {
            Version = version,
            Issued = WholeSeconds.Of(issued),
            Expires = WholeSeconds.Of(expires),
            Keys = [.. roles.OrderBy(r => r.Key).SelectMany(r => r.Value.Keys).Select(k => new RootKey(k.Id, RootKey.EcdsaP256, k.SubjectPublicKeyInfo.ToArray()))],
            Roles = new RootRoles(
                Role(SigningRole.Root) ?? throw new InputException("a root needs a role 'root'"),
                Role(SigningRole.Bundle) ?? throw new InputException("a root needs a role 'bundle'"),
                Role(SigningRole.Timestamp)),
        };
        root.Validate("the root");
        return root;
    }

    /// <summary>Reads a root that may not have been signed, or not by enough keys yet: to look at, and to sign.</summary>
    /// <exception cref="InputException">It is no root, or contradicts itself.</exception>
    public static RootMetadata Read(Envelope envelope, string what)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        TrustedRoot.ThrowIfNotOfType(envelope, PayloadType, what);
        RootMetadata metadata = CanonicalJson.Read(envelope.Payload.Span, TrustJson.Default.RootMetadata, what);
        metadata.Validate(what);
        return metadata;
    }

    /// <summary>The keys of a role and how many of them must sign; null: there is no such role.</summary>
    public (IReadOnlyList<VerificationKey> Keys, int Threshold)? KeysOf(SigningRole role)
    {
        if (Role(role) is not { } assigned)
        {
            return null;
        }

        IReadOnlyDictionary<string, VerificationKey> keys = Validate("the root");
        return ([.. assigned.KeyIds.Select(id => keys[id])], assigned.Threshold);
    }

    /// <summary>Signs it.</summary>
    public Envelope Seal(IEnumerable<SigningKey> keys) =>
        Envelope.Seal(PayloadType, CanonicalJson.Write(this, TrustJson.Default.RootMetadata), keys);

    internal RoleKeys? Role(SigningRole role) => role switch
    {
        SigningRole.Root => Roles.Root,
        SigningRole.Bundle => Roles.Bundle,
        SigningRole.Timestamp => Roles.Timestamp,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "no such role"),
    };

    /// <summary>Checks what the encoding alone does not.</summary>
    /// <returns>The keys by name.</returns>
    /// <exception cref="InputException">The document contradicts itself.</exception>
    internal IReadOnlyDictionary<string, VerificationKey> Validate(string what)
    {
        var keys = new Dictionary<string, VerificationKey>(StringComparer.Ordinal);
        Require(Version > 0 && MaxVersionStep > 0, what, "its version and its version step must be positive");
        Require(Expires > Issued, what, "it expires before it is issued");
        Require(Keys.Count is > 0 and <= MaxKeys, what, $"it has {Keys.Count} keys; 1 to {MaxKeys} are possible");
        foreach (RootKey key in Keys)
        {
            Require(key is { Scheme: RootKey.EcdsaP256 }, what, $"a key is not of the scheme {RootKey.EcdsaP256}");
            Require(VerificationKey.TryImport(key.Public, out VerificationKey? imported), what, $"the key {Short(key.KeyId)} is not a P-256 key");
            Require(imported!.Id == key.KeyId, what, $"the key {Short(key.KeyId)} is not named by its own digest");
            Require(keys.TryAdd(imported.Id, imported), what, $"the key {Short(key.KeyId)} is there twice");
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (SigningRole role in Enum.GetValues<SigningRole>())
        {
            if (Role(role) is { } assigned)
            {
                string name = role.ToString().ToLowerInvariant();
                Require(assigned.Threshold >= 1 && assigned.Threshold <= assigned.KeyIds.Count, what, $"the threshold of the role '{name}', {assigned.Threshold}, does not fit its {assigned.KeyIds.Count} keys");
                Require(assigned.KeyIds.All(keys.ContainsKey), what, $"the role '{name}' names a key that is not there");
                Require(assigned.KeyIds.All(used.Add), what, $"a key of the role '{name}' is named twice or serves another role as well; give each role keys of its own");
            }
        }

        return keys;
    }

    private static string Short(string keyId) => keyId.Length > 8 ? keyId[..8] : keyId;

    private static void Require(bool condition, string what, string problem)
    {
        if (!condition)
        {
            throw new InputException($"{what} is not usable: {problem}");
        }
    }
}
