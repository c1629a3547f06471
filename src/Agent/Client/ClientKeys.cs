using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Client;

/// <summary>What a client proves itself with, and whom it trusts: a folder that <c>edgeprune keys</c> has made, or a part of it.</summary>
public sealed class ClientKeys : IDisposable
{
    private const string AuthorityFile = "ca.pem";
    private const int MaxPemBytes = 64 << 10;

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly Dictionary<AgentRole, X509Certificate2> _certificates = [];

    private ClientKeys(string folder, X509Certificate2 authority, TimeProvider time)
    {
        _folder = folder;
        Authority = authority;
        _time = time;
    }

    /// <summary>The authority that the agent's certificate must come from.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The authority's file.</summary>
    public string AuthorityPath => Path.Combine(_folder, AuthorityFile);

    /// <param name="folder">Holds <c>ca.pem</c>, and <c>measure.pem</c>, <c>deploy.pem</c>, <c>infer.pem</c> with their keys as far as they are needed.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <exception cref="InputException">The authority's certificate is missing or none.</exception>
    public static ClientKeys Load(string folder, TimeProvider? time = null)
    {
        folder = Path.GetFullPath(folder);
        string path = Path.Combine(folder, AuthorityFile);
        string text = Encoding.ASCII.GetString(SmallFile.Read(path, MaxPemBytes, "the authority's certificate"));
        try
        {
            return new ClientKeys(folder, X509Certificate2.CreateFromPem(text), time ?? TimeProvider.System);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException($"{path} is no certificate: {e.Message}", e);
        }
    }

    /// <summary>The certificate for a role, with its key.</summary>
    /// <exception cref="InputException">It is missing, damaged, expired, or for another role.</exception>
    public X509Certificate2 Of(AgentRole role)
    {
        if (_certificates.TryGetValue(role, out X509Certificate2? known))
        {
            return known;
        }

        string word = RoleNames.WordOf(role);
        string path = Path.Combine(_folder, word + ".pem");
        string again = $"'edgeprune keys {_folder} --client NAME --role {word}' makes a new one where ca.key is; save it as {word}.pem and {word}.key";
        if (!File.Exists(path))
        {
            throw new InputException($"there is no {path}, the certificate with the role '{word}'; {again}");
        }

        string certificate = Encoding.ASCII.GetString(SmallFile.Read(path, MaxPemBytes, $"the certificate for the role '{word}'"));
        string key = Encoding.ASCII.GetString(SmallFile.Read(Path.ChangeExtension(path, ".key"), MaxPemBytes, $"the key for the role '{word}'"));
        X509Certificate2 loaded = Read(path, certificate, key);
        if (loaded.NotAfter.ToUniversalTime() <= _time.GetUtcNow().UtcDateTime)
        {
            string end = loaded.NotAfter.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
            loaded.Dispose();
            throw new InputException($"{path} has expired on {end}; {again}");
        }

        if (!RoleNames.Of(loaded).Contains(role))
        {
            loaded.Dispose();
            throw new InputException($"{path} does not name the role '{word}'; {again}");
        }

        _certificates[role] = loaded;
        return loaded;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Authority.Dispose();
        foreach (X509Certificate2 certificate in _certificates.Values)
        {
            certificate.Dispose();
        }
    }

    private static X509Certificate2 Read(string path, string certificate, string key)
    {
        try
        {
            var loaded = X509Certificate2.CreateFromPem(certificate, key);
            if (!OperatingSystem.IsWindows())
            {
                return loaded;
            }

            using (loaded)
            {
                // Windows does not prove itself with a key that lives in memory only.
                return X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null);
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException($"{path} and {Path.ChangeExtension(path, ".key")} are not a certificate and its key: {e.Message}", e);
        }
    }
}
