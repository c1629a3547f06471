using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Certificates;

/// <summary>A small authority that issues the certificates of agents and of their clients; ECDSA over P-256 throughout.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const int MaxPemBytes = 64 << 10;

    // Boards without a battery for their clock are often a little behind.
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(10);

    private readonly X509Certificate2 _authority;
    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 authority, TimeProvider time)
    {
        _authority = authority;
        _time = time;
    }

    /// <summary>When it ends; nothing that it issues lasts longer.</summary>
    public DateTimeOffset Expires => _authority.NotAfter;

    /// <summary>Makes a new authority, which may issue certificates but no further authorities.</summary>
    public static CertificateAuthority Create(string name, TimeSpan life, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = time.GetUtcNow();
        return new CertificateAuthority(request.CreateSelfSigned(now - Backdating, now + life), time);
    }

    /// <summary>Opens an authority from its files.</summary>
    /// <exception cref="InputException">They cannot be read or do not belong together.</exception>
    public static CertificateAuthority Load(string certificatePath, string keyPath, TimeProvider? time = null)
    {
        string certificate = System.Text.Encoding.ASCII.GetString(SmallFile.Read(certificatePath, MaxPemBytes, "the authority's certificate"));
        string key = System.Text.Encoding.ASCII.GetString(SmallFile.Read(keyPath, MaxPemBytes, "the authority's key"));
        try
        {
            return new CertificateAuthority(X509Certificate2.CreateFromPem(certificate, key), time ?? TimeProvider.System);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException($"{certificatePath} and {keyPath} are not a certificate and its key: {e.Message}", e);
        }
    }

    /// <summary>The authority itself.</summary>
    public IssuedCertificate ToPem() => Pem(_authority);

    /// <summary>A certificate for an agent.</summary>
    /// <param name="hosts">The names and addresses by which clients reach it.</param>
    /// <param name="life">How long it lasts.</param>
    public IssuedCertificate IssueServer(IReadOnlyList<string> hosts, TimeSpan life) => IssueServer("edgeprune agent", hosts, [], life);

    /// <summary>A certificate for a controller.</summary>
    /// <param name="hosts">The names and addresses by which agents and clients reach it.</param>
    /// <param name="life">How long it lasts.</param>
    public IssuedCertificate IssueController(IReadOnlyList<string> hosts, TimeSpan life) =>
        IssueServer("edgeprune controller", hosts, [AgentRole.Controller], life);

    /// <summary>A certificate for a client.</summary>
    /// <param name="name">Who it is, for the agent's log.</param>
    /// <param name="roles">What it may do.</param>
    /// <param name="life">How long it lasts; short, because what is not renewed needs no revoking.</param>
    public IssuedCertificate IssueClient(string name, IReadOnlyCollection<AgentRole> roles, TimeSpan life)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(roles);
        var names = new SubjectAlternativeNameBuilder();
        foreach (AgentRole role in roles.Distinct())
        {
            names.AddUri(RoleNames.UriOf(role));
        }

        return Issue(name, names, ClientAuthentication, life);
    }

    /// <summary>
    /// The same certificate for a longer time: its key, its names and what it is for stay. Only the certificate is
    /// needed, so the private key never leaves its owner.
    /// </summary>
    /// <param name="old">One that this authority has issued, also where it has expired.</param>
    /// <param name="life">How long the new one lasts from now on.</param>
    /// <returns>The new certificate in PEM, and when it ends.</returns>
    /// <exception cref="InputException">Another authority has issued it, or this one has expired.</exception>
    public (string Certificate, DateTimeOffset Expires) Renew(X509Certificate2 old, TimeSpan life)
    {
        ArgumentNullException.ThrowIfNull(old);
        ThrowIfNotIssuedHere(old);
        var request = new CertificateRequest(old.SubjectName, old.PublicKey, HashAlgorithmName.SHA256);
        foreach (X509Extension extension in old.Extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        using X509Certificate2 renewed = Sign(request, life);
        return (renewed.ExportCertificatePem() + "\n", renewed.NotAfter);
    }

    public void Dispose() => _authority.Dispose();

    private IssuedCertificate IssueServer(string name, IReadOnlyList<string> hosts, IReadOnlyList<AgentRole> roles, TimeSpan life)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        if (hosts.Count == 0)
        {
            throw new InputException("a server's certificate needs at least one host name or address");
        }

        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else if (Uri.CheckHostName(host) == UriHostNameType.Dns)
            {
                names.AddDnsName(host);
            }
            else
            {
                throw new InputException($"'{Printable.Name(host)}' is neither a host name nor an address");
            }
        }

        foreach (AgentRole role in roles)
        {
            names.AddUri(RoleNames.UriOf(role));
        }

        return Issue(name, names, ServerAuthentication, life);
    }

    private void ThrowIfNotIssuedHere(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        if (!chain.Build(certificate) || certificate.RawDataMemory.Span.SequenceEqual(_authority.RawDataMemory.Span))
        {
            throw new InputException($"the certificate '{Printable.Name(certificate.GetNameInfo(X509NameType.SimpleName, false))}' is not one that this authority has issued");
        }
    }

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        return new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
    }

    private static IssuedCertificate Pem(X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        return new IssuedCertificate(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n", certificate.NotAfter);
    }

    private IssuedCertificate Issue(string name, SubjectAlternativeNameBuilder names, string usage, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: true));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using X509Certificate2 bare = Sign(request, life);
        using X509Certificate2 whole = bare.CopyWithPrivateKey(key);
        return Pem(whole);
    }

    private X509Certificate2 Sign(CertificateRequest request, TimeSpan life)
    {
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset start = now - Backdating;
        DateTimeOffset end = now + life;
        DateTimeOffset notBefore = start < _authority.NotBefore ? _authority.NotBefore : start;
        DateTimeOffset notAfter = end > Expires ? Expires : end;
        if (notAfter <= now)
        {
            throw new InputException($"the authority has expired on {Expires:u}; make new keys");
        }

        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40); // positive, and of one length
        return request.Create(_authority, notBefore, notAfter, serial);
    }
}
