using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Trust;

/// <summary>What a device remembers of the bundles that it has accepted.</summary>
/// <param name="Accepted">The latest ones of each model, oldest first.</param>
internal sealed record TrustState([property: JsonPropertyName("accepted")] IReadOnlyList<AcceptedBundle> Accepted)
{
    /// <summary>How many are remembered for each model: enough to fall back on when a key is revoked.</summary>
    public const int KeptPerName = 16;

    /// <summary>
    /// With one more. Where there are too many of its name, one goes that a newer one by the same signers makes needless:
    /// the thief of a key can sign as many bundles as he likes, and must not push out what says how far the honest ones had
    /// come, which counts again once his key is revoked.
    /// </summary>
    public TrustState With(AcceptedBundle bundle)
    {
        List<AcceptedBundle> all = [.. Accepted, bundle];
        while (all.Count(a => a.Name == bundle.Name) > KeptPerName)
        {
            AcceptedBundle[] own = [.. all.Where(a => a.Name == bundle.Name)];
            all.Remove(own.FirstOrDefault(a => own.Any(b => b.Version > a.Version && SameSigners(a, b))) ?? own[0]);
        }

        return new TrustState(all);
    }

    private static bool SameSigners(AcceptedBundle a, AcceptedBundle b) =>
        a.Signers.ToHashSet(StringComparer.Ordinal).SetEquals(b.Signers);
}
