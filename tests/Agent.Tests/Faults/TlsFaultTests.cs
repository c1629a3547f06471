using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Tests.Service;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>Clients that should not get in, and protocols that should not be spoken.</summary>
public sealed class TlsFaultTests
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string AnyUsage = "2.5.29.37.0";

    internal static FaultSection Section { get; } = new(
        "TLS",
        typeof(TlsFaultTests),
        "A real service with mutual TLS. A client with a good certificate gets its answer before and after.",
        [
            new("no certificate", "the handshake fails", () => Shut(_ => null)),
            new("rogue authority", "the handshake fails", () => Shut(_ => Rogue("rogue authority"))),
            new("rogue authority of the same name", "the handshake fails", () => Shut(_ => Rogue("test authority"))),
            new("self-signed", "the handshake fails", () => Shut(_ => SelfSigned())),
            new("expired", "the handshake fails", () => Shut(f => Make(f, start: -20, end: -5))),
            new("not yet valid", "the handshake fails", () => Shut(f => Make(f, start: 5, end: 20))),
            new("expires while the connection is open", "401 from then on", Expires),
            new("wrong usage: a server's", "the handshake fails", () => Shut(f => f.Authority.IssueServer(["127.0.0.1"], TimeSpan.FromHours(1)))),
            new("wrong usage: the authority's own", "the handshake fails", () => Shut(f => f.Authority.ToPem())),
            new("wrong usage: none said", "the handshake fails", () => Shut(f => Make(f, usage: null))),
            new("wrong usage: any", "the handshake fails", () => Shut(f => Make(f, usage: AnyUsage))),
            new("issued by a client", "the handshake fails", () => Shut(IssuedByClient)),
            new("altered after it was signed", "the handshake fails", () => Shut(Altered)),
            new("no role", "in, and 403 from whatever needs one", () => NoRole(f => f.Authority.IssueClient("nobody", [], TimeSpan.FromHours(1)))),
            new("role that is none", "in, and 403 from whatever needs one", () => NoRole(f => Make(f, names: Uris("urn:edgeprune:role:root", "urn:edgeprune:role:DEPLOY", "urn:edgeprune:role:", "urn:edgeprune:role:deploy,infer", "http://deploy")))),
            new("names that cannot be read", "the handshake fails", () => Shut(f => Make(f, names: new X509Extension("2.5.29.17", [0x30, 0x7f, 0x86, 0x01], false)))),
            new("revoked by its SHA-256 fingerprint", "401 at once on an open connection; no new one", () => Revoked(c => c.GetCertHashString(HashAlgorithmName.SHA256))),
            new("revoked by its SHA-1 fingerprint", "401 at once on an open connection; no new one", () => Revoked(c => c.Thumbprint)),
            new("revoked by its serial number", "401 at once on an open connection; no new one", () => Revoked(c => c.SerialNumber)),
            new("revoked by a fingerprint with colons in small letters", "401 at once on an open connection; no new one", () => Revoked(c => string.Join(':', c.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant().Chunk(2).Select(p => new string(p))))),
            new("deny list that makes no sense", "nobody is let in, and nobody is told where it lies", () => Denied("not hexadecimal\n")),
            new("deny list with half a fingerprint", "nobody is let in", () => Denied(new string('a', 50) + "\n")),
            new("deny list gone", "nobody is let in", () => Denied(null)),
            new("deny list mended", "in again", DenyListMended),
            new("TLS 1.0", "refused by an alert", () => OldProtocol(1)),
            new("TLS 1.1", "refused by an alert", () => OldProtocol(2)),
            new("TLS 1.2", "spoken: the check of the two above checks something", () => OldProtocol(3)),
            new("SSL 3", "refused", () => OldProtocol(0)),
            new("plain HTTP on the port of HTTPS", "no answer", PlainHttp),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Tls_fault(string fault) => Section.RunAsync(fault);

    private static async Task Shut(Func<ServiceFixture, IssuedCertificate?> make)
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        await AssertInAsync(f);
        await Assert.ThrowsAsync<HttpRequestException>(() => f.ClientWith(make(f)).GetAsync("/health", Cancel));
        await AssertInAsync(f);
    }

    private static async Task NoRole(Func<ServiceFixture, IssuedCertificate> make)
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.ClientWith(make(f));
        Assert.True((await client.GetAsync("/health", Cancel)).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/v1/device", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/v1/deployments", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ServiceFixture.InferAsync(client, 1, 2, 3, 4)).StatusCode);
        await AssertInAsync(f);
    }

    private static async Task Expires()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.ClientWith(f.Authority.IssueClient("short", [AgentRole.Infer], TimeSpan.FromSeconds(2)));
        Assert.True((await client.GetAsync("/health", Cancel)).IsSuccessStatusCode);
        HttpResponseMessage response;
        do
        {
            await Task.Delay(100, Cancel);
            response = await client.GetAsync("/health", Cancel);
        }
        while (response.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("expired", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        await AssertInAsync(f);
    }

    private static async Task Revoked(Func<X509Certificate2, string> name)
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        IssuedCertificate issued = f.Authority.IssueClient("lost", [AgentRole.Infer], TimeSpan.FromHours(1));
        HttpClient client = f.ClientWith(issued);
        Assert.True((await client.GetAsync("/health", Cancel)).IsSuccessStatusCode);
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(issued.Certificate);
        await File.AppendAllTextAsync(f.DenyList, name(certificate) + " # lost\n", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/health", Cancel)).StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => f.ClientWith(issued).GetAsync("/health", Cancel));
        await AssertInAsync(f);
    }

    private static async Task Denied(string? text)
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Infer);
        Assert.True((await client.GetAsync("/health", Cancel)).IsSuccessStatusCode);
        if (text is null)
        {
            File.Delete(f.DenyList);
        }
        else
        {
            await File.WriteAllTextAsync(f.DenyList, text, Cancel);
        }

        HttpResponseMessage response = await client.GetAsync("/health", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.DoesNotContain(f.DenyList, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => f.Client().GetAsync("/health", Cancel));
    }

    private static async Task DenyListMended()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        await File.WriteAllTextAsync(f.DenyList, "not hexadecimal\n", Cancel);
        await Assert.ThrowsAsync<HttpRequestException>(() => f.Client().GetAsync("/health", Cancel));
        await File.WriteAllTextAsync(f.DenyList, "# mended\n", Cancel);
        await AssertInAsync(f);
    }

    // Clients of today do not even offer these versions, so the hello is written by hand.
    private static async Task OldProtocol(byte minor)
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        byte[] extensions =
        [
            0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x17, 0x00, 0x18, // groups: P-256, P-384
            0x00, 0x0b, 0x00, 0x02, 0x01, 0x00, // points: uncompressed
            0x00, 0x0d, 0x00, 0x08, 0x00, 0x06, 0x04, 0x03, 0x05, 0x03, 0x02, 0x03, // signatures: ECDSA with SHA-256, SHA-384, SHA-1
        ];
        byte[] body =
        [
            3, minor, .. RandomNumberGenerator.GetBytes(32), 0,
            0, 8, 0xc0, 0x2b, 0xc0, 0x2c, 0xc0, 0x09, 0xc0, 0x0a, // ECDHE with ECDSA, AES in GCM and CBC
            1, 0,
            0, (byte)extensions.Length, .. extensions,
        ];
        byte[] hello = [0x16, 3, Math.Min(minor, (byte)1), 0, (byte)(body.Length + 4), 1, 0, 0, (byte)body.Length, .. body];
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(f.Address.Host, f.Address.Port, Cancel);
        await socket.SendAsync(hello, Cancel);
        byte[] answer = new byte[7];
        int read = 0;
        try
        {
            for (int n; read < answer.Length && (n = await socket.ReceiveAsync(answer.AsMemory(read), Cancel)) > 0;)
            {
                read += n;
            }
        }
        catch (SocketException)
        {
            read = Math.Min(read, 6); // reset: an end as well
        }

        const byte handshake = 0x16;
        const byte alert = 0x15;
        if (minor == 3)
        {
            Assert.Equal(handshake, answer[0]);
        }
        else
        {
            Assert.True(read < answer.Length || answer[0] == alert, Convert.ToHexString(answer));
            Assert.NotEqual(handshake, answer[0]);
        }

        await AssertInAsync(f);
    }

    private static async Task PlainHttp()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using var plain = new HttpClient { BaseAddress = new UriBuilder(f.Address) { Scheme = "http" }.Uri };
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync("/health", Cancel));
        await AssertInAsync(f);
    }

    private static async Task AssertInAsync(ServiceFixture f) => Assert.True((await f.Client(AgentRole.Infer).GetAsync("/health", Cancel)).IsSuccessStatusCode);

    private static IssuedCertificate Rogue(string name)
    {
        using CertificateAuthority rogue = CertificateAuthority.Create(name, TimeSpan.FromDays(1));
        return rogue.IssueClient("test", Enum.GetValues<AgentRole>(), TimeSpan.FromHours(1));
    }

    private static IssuedCertificate SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request("test", key, ClientAuthentication, Uris("urn:edgeprune:role:deploy"));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
        return Pem(certificate, key);
    }

    private static IssuedCertificate IssuedByClient(ServiceFixture f)
    {
        IssuedCertificate client = f.Authority.IssueClient("upstart", Enum.GetValues<AgentRole>(), TimeSpan.FromHours(2));
        using X509Certificate2 upstart = X509Certificate2.CreateFromPem(client.Certificate, client.Key);
        return Sign(upstart, Uris("urn:edgeprune:role:deploy"), ClientAuthentication, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
    }

    // The role in the signed bytes is another one: the signature is no longer the authority's.
    private static IssuedCertificate Altered(ServiceFixture f)
    {
        IssuedCertificate issued = f.Authority.IssueClient("test", [AgentRole.Measure], TimeSpan.FromHours(1));
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(issued.Certificate);
        byte[] bytes = certificate.RawData;
        int at = bytes.AsSpan().IndexOf("role:measure"u8);
        "role:deploy2"u8.CopyTo(bytes.AsSpan(at));
        return issued with { Certificate = new string(PemEncoding.Write("CERTIFICATE", bytes)) };
    }

    private static IssuedCertificate Make(ServiceFixture f, int start = -5, int end = 60, string? usage = ClientAuthentication, X509Extension? names = null)
    {
        IssuedCertificate pem = f.Authority.ToPem();
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(pem.Certificate, pem.Key);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return Sign(authority, names ?? Uris("urn:edgeprune:role:infer"), usage, now.AddMinutes(start), now.AddMinutes(end));
    }

    private static IssuedCertificate Sign(X509Certificate2 authority, X509Extension names, string? usage, DateTimeOffset start, DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request("test", key, usage, names);
        var generator = X509SignatureGenerator.CreateForECDsa(authority.GetECDsaPrivateKey()!);
        using X509Certificate2 certificate = request.Create(authority.SubjectName, generator, start, end, RandomNumberGenerator.GetBytes(12));
        return Pem(certificate, key);
    }

    private static CertificateRequest Request(string name, ECDsa key, string? usage, X509Extension names)
    {
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names);
        if (usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        }

        return request;
    }

    private static X509Extension Uris(params string[] uris)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (string uri in uris)
        {
            names.AddUri(new Uri(uri));
        }

        return names.Build();
    }

    private static IssuedCertificate Pem(X509Certificate2 certificate, ECDsa key) =>
        new(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n", certificate.NotAfter);
}
