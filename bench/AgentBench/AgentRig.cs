using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;

namespace EdgePrune.Bench.Agent;

/// <summary>A real agent process with keys and mutual TLS on the loopback address, and what clients of it need.</summary>
internal sealed class AgentRig : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("edgeprune-bench-").FullName;
    private readonly SigningKey rootKey = SigningKey.Create();
    private readonly SigningKey bundleKey = SigningKey.Create();
    private readonly CertificateAuthority authority = CertificateAuthority.Create("bench authority", TimeSpan.FromDays(2));
    private readonly IssuedCertificate issued;
    private readonly bool secure;
    private long version;

    private AgentRig(bool secure)
    {
        this.secure = secure;
        issued = authority.IssueClient("bench", [AgentRole.Deploy, AgentRole.Infer, AgentRole.Measure], TimeSpan.FromDays(1));
    }

    public Process Process { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    /// <param name="secure">Mutual TLS; otherwise plain HTTP.</param>
    /// <param name="settings">As environment variables without their prefix.</param>
    public static async Task<AgentRig> StartAsync(bool secure, params (string Name, string Value)[] settings)
    {
        var rig = new AgentRig(secure);
        await rig.RunAsync(settings);
        return rig;
    }

    public HttpClient Client()
    {
        var handler = new SocketsHttpHandler();
        if (secure)
        {
            handler.SslOptions = Authentication();
        }

        return new HttpClient(handler) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>A connection without an HTTP library on this side, so that only the agent's own time is seen.</summary>
    public BareConnection Connect() => new(Address, secure ? Authentication() : null);

    /// <summary>Signs a model as the next version.</summary>
    /// <returns>The bundle's file.</returns>
    public string Bundle(byte[] model)
    {
        string path = Path.Combine(folder, $"{Guid.NewGuid():N}");
        File.WriteAllBytes(path, model);
        var manifest = new BundleManifest
        {
            Name = "default",
            Version = ++version,
            Issued = DateTimeOffset.UtcNow,
            Expires = DateTimeOffset.UtcNow.AddDays(1),
            DeviceClasses = ["bench"],
            Resources = [],
        };
        BundleWriter.Write(path + ".bundle", manifest, [new BundleFile("model.onnx", ResourceRole.Model, path)], [bundleKey]);
        File.Delete(path);
        return path + ".bundle";
    }

    /// <summary>Signs a model as the next version, uploads it and brings it into service on probation.</summary>
    /// <returns>The deployment's name.</returns>
    public Task<string> DeployAsync(HttpClient client, byte[] model) => DeployAsync(client, Bundle(model));

    /// <summary>Uploads a bundle, which is gone then, and brings its model into service on probation.</summary>
    /// <returns>The deployment's name.</returns>
    public static async Task<string> DeployAsync(HttpClient client, string bundle)
    {
        string id;
        using (FileStream file = File.OpenRead(bundle))
        {
            JsonElement upload = await JsonAsync(await client.PostAsJsonAsync("/v1/uploads", new { size = file.Length }));
            id = upload.GetProperty("id").GetString()!;
            using var patch = new HttpRequestMessage(HttpMethod.Patch, $"/v1/uploads/{id}") { Content = new StreamContent(file) };
            patch.Headers.Add("Upload-Offset", "0");
            await JsonAsync(await client.SendAsync(patch));
        }

        File.Delete(bundle);
        JsonElement deployment = await JsonAsync(await client.PostAsJsonAsync("/v1/deployments", new { upload = id, wait = "decide" }));
        return deployment.GetProperty("id").GetString()!;
    }

    public static async Task CommitAsync(HttpClient client, string id) => await JsonAsync(await client.PostAsync($"/v1/deployments/{id}/commit", null));

    public static async Task RollBackAsync(HttpClient client, string id) => await JsonAsync(await client.PostAsJsonAsync($"/v1/deployments/{id}/rollback", new { reason = "bench" }));

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? JsonDocument.Parse(text).RootElement.Clone()
                : throw new InvalidOperationException($"{response.RequestMessage?.RequestUri}: {response.StatusCode}: {text}");
        }
    }

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            Process.WaitForExit();
        }

        Process.Dispose();
        authority.Dispose();
        rootKey.Dispose();
        bundleKey.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private SslClientAuthenticationOptions Authentication()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(authority.ToPem().Certificate));
        return new SslClientAuthenticationOptions
        {
            TargetHost = Address.Host,
            CertificateChainPolicy = policy,
            ClientCertificates = [X509Certificate2.CreateFromPem(issued.Certificate, issued.Key)],
            // The handler would look for an issuer that this machine knows.
            LocalCertificateSelectionCallback = (_, _, own, _, _) => own[0],
        };
    }

    private async Task RunAsync((string Name, string Value)[] settings)
    {
        RootMetadata root = RootMetadata.Of(1, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(2), new Dictionary<SigningRole, (IReadOnlyList<VerificationKey>, int)>
        {
            [SigningRole.Root] = ([rootKey.Public], 1),
            [SigningRole.Bundle] = ([bundleKey.Public], 1),
        });
        string At(string name) => Path.Combine(folder, name);
        await File.WriteAllBytesAsync(At("root.json"), root.Seal([rootKey]).ToBytes());
        IssuedCertificate server = authority.IssueServer(["127.0.0.1"], TimeSpan.FromDays(1));
        await File.WriteAllTextAsync(At("server.pem"), server.Certificate);
        await File.WriteAllTextAsync(At("server.key"), server.Key);
        await File.WriteAllTextAsync(At("ca.pem"), authority.ToPem().Certificate);
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new Uri($"{(secure ? "https" : "http")}://{probe.LocalEndpoint}");
        }

        (string, string)[] usual = [("LISTEN", Address.ToString().TrimEnd('/')), ("DATA", At("data")), ("ROOT", At("root.json")), ("DEVICECLASS", "bench")];
        (string, string)[] tls = secure ? [("TLS__CERTIFICATE", At("server.pem")), ("TLS__KEY", At("server.key")), ("TLS__CLIENTAUTHORITY", At("ca.pem"))] : [];
        // As published for a board, where the script that starts this has done so.
        string program = Environment.GetEnvironmentVariable("EDGEPRUNE_BENCH_AGENT") ?? AppContext.BaseDirectory;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(program, "edgeprune-agent.dll")]);
        // As the unit file sets them.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_GCgen0size"] = "100000";
        start.Environment["MALLOC_ARENA_MAX"] = "2";
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = "1048576";
        foreach ((string name, string value) in usual.Concat(tls).Concat(settings))
        {
            start.Environment["EDGEPRUNE_AGENT_" + name] = value;
        }

        Process = Process.Start(start)!;
        using HttpClient client = Client();
        for (int left = 200; ; left--)
        {
            try
            {
                (await client.GetAsync("/health")).Dispose();
                return;
            }
            catch (HttpRequestException) when (!Process.HasExited && left > 0)
            {
                await Task.Delay(50);
            }
        }
    }
}
