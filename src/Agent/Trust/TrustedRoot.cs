using EdgePrune.Agent.Signing;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Trust;

/// <summary>A root whose signatures have been checked, either pinned by the device or handed on by the root before it.</summary>
public sealed class TrustedRoot
{
    private readonly IReadOnlyDictionary<string, VerificationKey> _keys;

    private TrustedRoot(Envelope envelope, RootMetadata metadata, IReadOnlyDictionary<string, VerificationKey> keys)
    {
        Envelope = envelope;
        Metadata = metadata;
        _keys = keys;
    }

    public RootMetadata Metadata { get; }

    internal Envelope Envelope { get; }

    /// <summary>Takes a root as the device's own. Its own root keys must have signed it.</summary>
    /// <exception cref="InputException">It is no root, or its own keys have not signed it.</exception>
    public static TrustedRoot Pin(Envelope envelope)
    {
        TrustedRoot root = ReadUnverified(envelope, "the pinned root");
        root.Verify(envelope, SigningRole.Root, "the pinned root");
        return root;
    }

    /// <summary>The root after this one.</summary>
    /// <exception cref="InputException">
    /// It does not follow this one directly, or enough keys of this root or of its own have not signed it.
    /// </exception>
    public TrustedRoot Next(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        const string what = "the new root";
        ThrowIfNotOfType(envelope, RootMetadata.PayloadType, what);
        Verify(envelope, SigningRole.Root, $"{what}, by the keys of root {Metadata.Version},");
        TrustedRoot next = ReadUnverified(envelope, what);
        if (next.Metadata.Version != Metadata.Version + 1)
        {
            throw new InputException($"the new root has version {next.Metadata.Version}; after root {Metadata.Version} comes {Metadata.Version + 1}: give the roots between, in order");
        }

        next.Verify(envelope, SigningRole.Root, $"{what}, by its own keys,");
        return next;
    }

    /// <summary>Checks that enough keys of a role have signed.</summary>
    /// <returns>The keys that have.</returns>
    /// <exception cref="InputException">They have not.</exception>
    public IReadOnlyList<string> Verify(Envelope envelope, SigningRole role, string what)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        string name = role.ToString().ToLowerInvariant();
        RoleKeys assigned = Metadata.Role(role)
            ?? throw new InputException($"{what} is refused: root {Metadata.Version} has no role '{name}'");
        IReadOnlyList<string> signers = Signers(envelope, assigned);
        return signers.Count >= assigned.Threshold
            ? signers
            : throw new InputException(
                $"{what} is refused: {signers.Count} of the {assigned.KeyIds.Count} keys that root {Metadata.Version} names for the role '{name}' have signed it, {assigned.Threshold} must; "
                + "sign it with the right key, or bring the root up to date");
    }

    /// <summary>Whether enough keys of a role have signed.</summary>
    internal bool IsSigned(Envelope envelope, SigningRole role) =>
        Metadata.Role(role) is { } assigned && Signers(envelope, assigned).Count >= assigned.Threshold;

    /// <summary>Whether an envelope names enough keys of a role as its signers, right or wrong.</summary>
    internal bool ClaimsToBeSigned(Envelope envelope, SigningRole role) =>
        Metadata.Role(role) is { } assigned
        && envelope.Signatures.Select(s => s.KeyId).Distinct(StringComparer.Ordinal).Count(id => assigned.KeyIds.Contains(id, StringComparer.Ordinal)) >= assigned.Threshold;

    /// <summary>Whether a bundle signed by these keys would still be accepted.</summary>
    internal bool StillTrusts(AcceptedBundle bundle) =>
        bundle.Signers.Distinct(StringComparer.Ordinal).Count(s => Metadata.Roles.Bundle.KeyIds.Contains(s, StringComparer.Ordinal)) >= Metadata.Roles.Bundle.Threshold;

    internal static void ThrowIfNotOfType(Envelope envelope, string type, string what)
    {
        if (envelope.PayloadType != type)
        {
            throw new InputException($"{what} is refused: it is signed as '{Printable.Name(envelope.PayloadType)}', not as '{type}'");
        }
    }

    private IReadOnlyList<string> Signers(Envelope envelope, RoleKeys assigned) =>
        envelope.SignersAmong(assigned.KeyIds.Select(id => _keys[id]));

    private static TrustedRoot ReadUnverified(Envelope envelope, string what)
    {
        ThrowIfNotOfType(envelope, RootMetadata.PayloadType, what);
        RootMetadata metadata = CanonicalJson.Read(envelope.Payload.Span, TrustJson.Default.RootMetadata, what);
        return new TrustedRoot(envelope, metadata, metadata.Validate(what));
    }
}
