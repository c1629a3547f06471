using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgePrune.Agent.Certificates;

/// <summary>Roles in certificates: URIs <c>urn:edgeprune:role:…</c> among the subject's alternative names (RFC 5280, section 4.2.1.6).</summary>
public static class RoleNames
{
    private const string Prefix = "urn:edgeprune:role:";
    private const string SubjectAlternativeName = "2.5.29.17";
    private const int MaxNames = 64;
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The roles of those who ask something of an agent.</summary>
    public static IReadOnlyList<AgentRole> Clients { get; } = [AgentRole.Measure, AgentRole.Deploy, AgentRole.Infer];

    /// <summary>The role as it is written in a certificate.</summary>
    public static Uri UriOf(AgentRole role) => new(Prefix + WordOf(role));

    /// <summary>The role as people write it.</summary>
    public static string WordOf(AgentRole role) => role.ToString().ToLowerInvariant();

    /// <summary>Reads a role as people write it.</summary>
    public static bool TryParse(string word, out AgentRole role)
    {
        foreach (AgentRole known in Enum.GetValues<AgentRole>())
        {
            if (WordOf(known) == word)
            {
                role = known;
                return true;
            }
        }

        role = default;
        return false;
    }

    /// <summary>The roles that a certificate names; none where it names none or its names cannot be read.</summary>
    public static IReadOnlySet<AgentRole> Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var roles = new HashSet<AgentRole>();
        try
        {
            foreach (X509Extension extension in certificate.Extensions.Where(e => e.Oid?.Value == SubjectAlternativeName))
            {
                AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                for (int i = 0; names.HasData && i < MaxNames; i++)
                {
                    if (!names.PeekTag().HasSameClassAndValue(UriTag))
                    {
                        _ = names.ReadEncodedValue();
                    }
                    else if (names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag) is { } uri
                        && uri.StartsWith(Prefix, StringComparison.Ordinal)
                        && TryParse(uri[Prefix.Length..], out AgentRole role))
                    {
                        roles.Add(role);
                    }
                }
            }
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            roles.Clear();
        }

        return roles;
    }
}
