using EdgePrune.Onnx;

namespace EdgePrune.Cli.Comparison;

/// <summary>Whether figures of two profiles can be set against each other, and if not, why.</summary>
/// <param name="Times">True where times can.</param>
/// <param name="Energies">True where energies can.</param>
/// <param name="Reasons">Why not, one sentence each.</param>
internal sealed record Comparability(bool Times, bool Energies, IReadOnlyList<string> Reasons)
{
    /// <param name="a">One profile.</param>
    /// <param name="b">The other.</param>
    /// <param name="across">Compare in spite of another device or runtime: then the reasons are remarks.</param>
    public static Comparability Of(ProfileDocument a, ProfileDocument b, bool across)
    {
        string[] settings = [.. Settings(a, b)];
        string[] energies = [.. Energy(a, b)];
        bool same = settings.Length == 0 || across;
        return new Comparability(same, same && energies.Length == 0, [.. settings, .. energies]);
    }

    private static IEnumerable<string> Settings(ProfileDocument a, ProfileDocument b)
    {
        if (a.Device != b.Device)
        {
            yield return $"the devices differ: {Printable.Name(a.Device)} and {Printable.Name(b.Device)}";
        }

        if (a.Before.Cores != b.Before.Cores)
        {
            yield return $"the machines differ: {a.Before.Cores} and {b.Before.Cores} cores";
        }

        if (a.Runtime == b.Runtime)
        {
            yield break;
        }

        string[] first = a.Runtime.Split(", ");
        string[] second = b.Runtime.Split(", ");
        string[] only = first.Length == second.Length
            ? [.. first.Zip(second).Where(p => p.First != p.Second).Select(p => $"{Printable.Name(p.First)} and {Printable.Name(p.Second)}")]
            : [$"{Printable.Name(a.Runtime)} and {Printable.Name(b.Runtime)}"];
        yield return $"the runtimes or their settings differ: {string.Join("; ", only)}";
    }

    private static IEnumerable<string> Energy(ProfileDocument a, ProfileDocument b)
    {
        if (a.Provenance != b.Provenance)
        {
            yield return $"the energies are {a.Provenance} in one and {b.Provenance} in the other: they are never compared";
        }
        else if (a.ProvenanceSource != b.ProvenanceSource && a.Provenance != "measured")
        {
            // The intervals of measured energies hold the accuracy of their sensors; coefficients have none.
            yield return $"the energies are {a.Provenance} by different sources: {Printable.Name(a.ProvenanceSource)} and {Printable.Name(b.ProvenanceSource)}";
        }

        foreach ((ProfileDocument document, string name) in new[] { (a, "A"), (b, "B") })
        {
            if (document.Measurement?.Invalid is { } reason)
            {
                yield return $"the energy measurement of {name} is not valid: {Printable.Text(reason, keepLines: false)}";
            }
        }
    }
}
