using EdgePrune.Agent.Certificates;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>A folder of keys as <c>edgeprune keys</c> makes it, from the authority of a fixture.</summary>
internal sealed class SiteKeys : IDisposable
{
    private readonly TempFolder temp = new();

    /// <param name="authority">Issues the certificates.</param>
    /// <param name="life">How long they last.</param>
    public SiteKeys(CertificateAuthority authority, TimeSpan? life = null)
    {
        File.WriteAllText(temp.File("ca.pem"), authority.ToPem().Certificate);
        foreach (AgentRole role in Enum.GetValues<AgentRole>())
        {
            Write(role, authority.IssueClient("test", [role], life ?? TimeSpan.FromHours(1)));
        }
    }

    public string Folder => temp.Path;

    public void Write(AgentRole role, IssuedCertificate issued)
    {
        File.WriteAllText(temp.File($"{RoleNames.WordOf(role)}.pem"), issued.Certificate);
        File.WriteAllText(temp.File($"{RoleNames.WordOf(role)}.key"), issued.Key);
    }

    public string PathOf(string name) => temp.File(name);

    public void Dispose() => temp.Dispose();
}
