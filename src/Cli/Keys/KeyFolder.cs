using System.Globalization;
using System.Text;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

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
        foreach (AgentRole role in Enum.GetValues<AgentRole>())
        {
            string name = RoleNames.WordOf(role);
            Add(name, authority.IssueClient(name, [role], clientLife));
        }

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

        using CertificateAuthority authority = CertificateAuthority.Load(PathOf(AuthorityFile), PathOf(AuthorityKeyFile), time);
        Add(name, authority.IssueClient(name, roles, clientLife));
        return Write();
    }

    private void Add(string name, IssuedCertificate issued)
    {
        files.Add(($"{name}.key", issued.Key, true));
        files.Add(($"{name}.pem", issued.Certificate, false));
    }

    private string PathOf(string name) => Path.Combine(folder, name);

    // All or nothing: looked at first, and what was written before a failure is taken away again.
    private List<string> Write()
    {
        if (files.FirstOrDefault(f => Path.Exists(PathOf(f.Name))) is { Name: { } there })
        {
            throw new InputException($"{PathOf(there)} is there already and is not overwritten; give another folder or move it away");
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var written = new List<string>();
        bool done = false;
        try
        {
            foreach ((string name, string text, bool secret) in files)
            {
                using var stream = new FileStream(PathOf(name), Options(secret));
                written.Add(PathOf(name));
                stream.Write(Encoding.UTF8.GetBytes(text));
                DurableFile.Flush(stream);
            }

            DurableDirectory.Sync(folder);
            done = true;
            return [.. files.Select(f => f.Name)];
        }
        finally
        {
            if (!done)
            {
                written.ForEach(File.Delete);
            }
        }
    }

    private static FileStreamOptions Options(bool secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            options.UnixCreateMode = secret ? owner : owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        }

        return options;
    }
}
