using EdgePrune.Agent.Signing;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Trust;

/// <summary>
/// The next root on its way through the hands of those who must sign it: enough keys of the root before it, and enough
/// of its own (TUF specification 1.0, section 6.1). Nobody needs all the keys in one place.
/// </summary>
public sealed class RootUpdate
{
    private readonly Envelope _next;

    private RootUpdate(RootMetadata previous, RootMetadata next, Envelope envelope)
    {
        Previous = previous;
        Next = next;
        _next = envelope;
    }

    /// <summary>The root in force.</summary>
    public RootMetadata Previous { get; }

    /// <summary>The root that is to follow.</summary>
    public RootMetadata Next { get; }

    /// <summary>Reads both; neither signature is required yet of the next one.</summary>
    /// <exception cref="InputException">The first is no root signed by its own keys, or the second does not follow it.</exception>
    public static RootUpdate Of(Envelope previous, Envelope next)
    {
        ArgumentNullException.ThrowIfNull(previous);
        RootMetadata before = TrustedRoot.Pin(previous).Metadata;
        RootMetadata after = RootMetadata.Read(next, "the next root");
        return after.Version == before.Version + 1
            ? new RootUpdate(before, after, next)
            : throw new InputException($"the next root has version {after.Version}; after root {before.Version} comes {before.Version + 1}");
    }

    /// <summary>The next root's content, not signed yet.</summary>
    /// <param name="previous">The root in force.</param>
    /// <param name="roles">All roles of the next one.</param>
    /// <param name="issued">When it is made.</param>
    /// <param name="life">How long it lasts.</param>
    /// <exception cref="InputException">The roles contradict themselves.</exception>
    public static Envelope Make(
        RootMetadata previous, IReadOnlyDictionary<SigningRole, (IReadOnlyList<VerificationKey> Keys, int Threshold)> roles, DateTimeOffset issued, TimeSpan life)
    {
        ArgumentNullException.ThrowIfNull(previous);
        RootMetadata next = RootMetadata.Of(previous.Version + 1, issued, issued + life, roles);
        return (next with { MaxVersionStep = previous.MaxVersionStep }).Seal([]);
    }

    /// <summary>Who has signed among the keys of the root before, and how many must.</summary>
    public (IReadOnlyList<string> Signers, int Threshold) ByPrevious => Signed(Previous);

    /// <summary>Who has signed among its own root keys, and how many must.</summary>
    public (IReadOnlyList<string> Signers, int Threshold) ByItself => Signed(Next);

    /// <summary>Whether a device would take it.</summary>
    public bool IsComplete => ByPrevious.Signers.Count >= ByPrevious.Threshold && ByItself.Signers.Count >= ByItself.Threshold;

    /// <summary>Adds signatures.</summary>
    /// <exception cref="InputException">A key serves neither root as a root key, so its signature would count for nothing.</exception>
    public Envelope Sign(IReadOnlyList<SigningKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (SigningKey key in keys)
        {
            if (!Previous.Roles.Root.KeyIds.Concat(Next.Roles.Root.KeyIds).Contains(key.Public.Id, StringComparer.Ordinal))
            {
                throw new InputException($"the key {key.Public.Id[..12]} is a root key of neither root, so its signature would count for nothing");
            }
        }

        return _next.AddSignatures(keys);
    }

    private (IReadOnlyList<string> Signers, int Threshold) Signed(RootMetadata root)
    {
        (IReadOnlyList<VerificationKey> keys, int threshold) = root.KeysOf(SigningRole.Root)!.Value;
        return (_next.SignersAmong(keys), threshold);
    }
}
