using System.Globalization;
using System.Text;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;

namespace EdgePrune.Cli.Keys;

/// <summary>The keys and certificates of a site, in one folder. Nothing that is there is ever overwritten.</summary>
internal sealed class KeyFolder(string folder, TimeProvider time)
{
    public const string RootFile = "root.json";
    public const string AuthorityFile = "ca.pem";
    private const string AuthorityKeyFile = "ca.key";
    private static readonly TimeSpan RootLife = TimeSpan.FromDays(365);
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3 * 365);
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(365);

    private readonly List<(string Name, string Text, bool Secret)> files = [];

    /// <summary>A root with its keys, an authority, a server's certificate, and a client's for each role.</summary>
    /// <returns>The names of the files.</returns>
    public IReadOnlyList<string> CreateAll(IReadOnlyList<string> hosts, TimeSpan clientLife)
    {
        using var root = SigningKey.Create();
        using var bundle = SigningKey.Create();
        DateTimeOffset now = time.GetUtcNow();
        RootMetadata metadata = RootMetadata.Of(1, now, now + RootLife, new Dictionary<SigningRole, (IReadOnlyList<VerificationKey>, int)>
        {
            [SigningRole.Root] = ([root.Public], 1),
            [SigningRole.Bundle] = ([bundle.Public], 1),
        });
        files.Add(("root.key", root.ToPem(), true));
        files.Add(("bundle.key", bundle.ToPem(), true));
        files.Add((RootFile, Encoding.UTF8.GetString(metadata.Seal([root]).ToBytes()), false));

        using CertificateAuthority authority = CertificateAuthority.Create("edgeprune authority", AuthorityLife, time);
        Add("ca", authority.ToPem());
        Add("server", authority.IssueServer(hosts, ServerLife));
        foreach (AgentRole role in RoleNames.Clients)
        {
            string name = RoleNames.WordOf(role);
            Add(name, authority.IssueClient(name, [role], clientLife));
        }

        return Write();
    }

    /// <summary>A controller's certificate, from the authority that is there.</summary>
    /// <returns>The names of the files.</returns>
    public IReadOnlyList<string> CreateController(IReadOnlyList<string> hosts)
    {
        using CertificateAuthority authority = Authority(folder, time);
        Add("controller", authority.IssueController(hosts, ServerLife));
        return Write();
    }

    /// <summary>One more client's certificate, from the authority that is there.</summary>
    /// <returns>The names of the files.</returns>
    public IReadOnlyList<string> CreateClient(string name, IReadOnlyCollection<AgentRole> roles, TimeSpan clientLife)
    {
        if (!IdentifierText.IsValid(name))
        {
            throw CommandFailure.Usage($"'{name}' is no name for a client: 1 to {IdentifierText.MaxLength.ToString(CultureInfo.InvariantCulture)} of a–z, 0–9, '.', '_', '+', '-'");
        }

        using CertificateAuthority authority = Authority(folder, time);
        Add(name, authority.IssueClient(name, roles, clientLife));
        return Write();
    }

    /// <summary>The authority of a folder.</summary>
    /// <exception cref="Onnx.InputException">Its files are missing or do not belong together.</exception>
    public static CertificateAuthority Authority(string folder, TimeProvider time) =>
        CertificateAuthority.Load(Path.Combine(folder, AuthorityFile), Path.Combine(folder, AuthorityKeyFile), time);

    private void Add(string name, IssuedCertificate issued)
    {
        files.Add(($"{name}.key", issued.Key, true));
        files.Add(($"{name}.pem", issued.Certificate, false));
    }

    private string PathOf(string name) => Path.Combine(folder, name);

    private List<string> Write()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        NewFiles.Write([.. files.Select(f => (PathOf(f.Name), f.Text, f.Secret))]);
        return [.. files.Select(f => f.Name)];
    }
}
