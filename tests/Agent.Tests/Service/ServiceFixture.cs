using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx.Proto;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>An agent behind a real socket with real certificates, and clients for it.</summary>
internal sealed class ServiceFixture : IAsyncDisposable
{
    public const string DeviceClass = "host";

    private readonly RamFolder temp = new();
    private readonly SigningKey rootKey = SigningKey.Create();
    private readonly SigningKey bundleKey = SigningKey.Create();
    private readonly List<HttpClient> clients = [];
    private WebApplication app = null!;

    private ServiceFixture()
    {
        Authority = CertificateAuthority.Create("test authority", TimeSpan.FromDays(30));
    }

    public CertificateAuthority Authority { get; }

    public Uri Address { get; private set; } = null!;

    public string DenyList => temp.File("denied");

    public string Data => temp.File("data");

    public Dictionary<string, string?> Settings { get; } = [];

    /// <summary>What tries models from the next start on that does not ask for a child process.</summary>
    public IPreflight Preflight { get; set; } = new FixedPreflight();

    /// <summary>What tells the energy from the next start on; null: the device's own sensor, where it has one.</summary>
    public IEnergyWindow? Energy { get; set; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="realPreflight">Whether models are tried in a child process.</param>
    /// <param name="settings">Settings besides those that every test needs.</param>
    public static async Task<ServiceFixture> StartAsync(bool realPreflight = false, params (string Key, string Value)[] settings)
    {
        var fixture = new ServiceFixture();
        await fixture.ConfigureAsync(settings);
        await fixture.RunAsync(realPreflight);
        return fixture;
    }

    /// <summary>On a loopback address without TLS.</summary>
    public static async Task<ServiceFixture> StartWithoutTlsAsync()
    {
        var fixture = new ServiceFixture();
        await fixture.ConfigureAsync([("listen", "http://127.0.0.1:0")]);
        foreach (string key in fixture.Settings.Keys.Where(k => k.StartsWith("tls:", StringComparison.Ordinal)).ToList())
        {
            fixture.Settings.Remove(key);
        }

        await fixture.RunAsync(realPreflight: false);
        return fixture;
    }

    public async Task RestartAsync(bool realPreflight = false)
    {
        await app.DisposeAsync();
        await RunAsync(realPreflight);
    }

    /// <summary>Stops the service as a stop of the machine does; the folder stays.</summary>
    public async Task StopAsync() => await app.DisposeAsync();

    /// <summary>Something that the running service is made of.</summary>
    public T Part<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>A client with a certificate of these roles.</summary>
    public HttpClient Client(params AgentRole[] roles) => ClientWith(Authority.IssueClient("test", roles, TimeSpan.FromHours(1)));

    /// <param name="issued">The client's certificate; null: none.</param>
    public HttpClient ClientWith(IssuedCertificate? issued)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(Authority.ToPem().Certificate));
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        if (issued is not null)
        {
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPem(issued.Certificate, issued.Key)];
            // The handler would choose by usage; a hostile client sends what it likes.
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, own, _, _) => own[0];
        }

        var client = new HttpClient(handler) { BaseAddress = Address };
        clients.Add(client);
        return client;
    }

    /// <summary>A signed bundle of a model that multiplies by a factor.</summary>
    public byte[] Bundle(long version, float factor, SigningKey? key = null) => Bundle(version, Model(factor), key);

    /// <param name="version">Of the bundle.</param>
    /// <param name="model">The model's file.</param>
    /// <param name="key">Who signs; null: the key that the device trusts.</param>
    /// <param name="gates">Signed with it.</param>
    /// <param name="canaries">An .npz; null: none.</param>
    public byte[] Bundle(long version, byte[] model, SigningKey? key = null, BundleGates? gates = null, byte[]? canaries = null)
    {
        string path = temp.File($"{Guid.NewGuid():N}");
        File.WriteAllBytes(path, model);
        List<BundleFile> files = [new("model.onnx", ResourceRole.Model, path)];
        if (canaries is not null)
        {
            File.WriteAllBytes(path + ".npz", canaries);
            files.Add(new("canary.npz", ResourceRole.Canary, path + ".npz"));
        }

        var manifest = new BundleManifest
        {
            Name = "default",
            Version = version,
            Issued = DateTimeOffset.UtcNow,
            Expires = DateTimeOffset.UtcNow.AddDays(1),
            DeviceClasses = [DeviceClass],
            Resources = [],
            Gates = gates,
        };
        BundleWriter.Write(path + ".bundle", manifest, files, [key ?? bundleKey]);
        return File.ReadAllBytes(path + ".bundle");
    }

    public static async Task<string> UploadAsync(HttpClient client, byte[] bundle)
    {
        JsonElement upload = await JsonAsync(await client.PostAsJsonAsync("/v1/uploads", new { size = bundle.Length }, Cancel));
        string id = upload.GetProperty("id").GetString()!;
        await JsonAsync(await PatchAsync(client, id, 0, bundle));
        return id;
    }

    public static async Task<HttpResponseMessage> PatchAsync(HttpClient client, string id, long offset, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/v1/uploads/{id}") { Content = new ByteArrayContent(bytes) };
        request.Headers.Add("Upload-Offset", $"{offset}");
        return await client.SendAsync(request, Cancel);
    }

    /// <summary>Uploads and deploys, to be decided by the test; the answer may be a refusal.</summary>
    public static async Task<HttpResponseMessage> TryDeployAsync(HttpClient client, byte[] bundle, string wait = "decide", bool allowBad = false) =>
        await client.PostAsJsonAsync("/v1/deployments", new { upload = await UploadAsync(client, bundle), wait, allowBad }, Cancel);

    /// <summary>Uploads and deploys, waits until the agent has decided, and gives the deployment as it then stands.</summary>
    public static async Task<JsonElement> TryOutAsync(HttpClient client, byte[] bundle)
    {
        JsonElement deployment = await JsonAsync(await TryDeployAsync(client, bundle, "agent"));
        return await DecidedAsync(client, deployment.GetProperty("id").GetString()!);
    }

    /// <summary>Waits until a deployment is decided.</summary>
    public static async Task<JsonElement> DecidedAsync(HttpClient client, string id)
    {
        while (true)
        {
            JsonElement deployment = await client.GetFromJsonAsync<JsonElement>($"/v1/deployments/{id}", Cancel);
            if (deployment.GetProperty("state").GetString() is "committed" or "rolled-back" or "refused")
            {
                return deployment;
            }

            await Task.Delay(20, Cancel);
        }
    }
    /// <summary>As <see cref="PatchAsync"/> for a piece that the agent may refuse by ending the connection while it is still being sent.</summary>
    public static async Task<bool> TryPatchAsync(HttpClient client, string id, long offset, byte[] bytes)
    {
        try
        {
            return (await PatchAsync(client, id, offset, bytes)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Uploads and deploys; the deployment's name.</summary>
    public static async Task<string> DeployAsync(HttpClient client, byte[] bundle, bool commit = true)
    {
        JsonElement deployment = await JsonAsync(await TryDeployAsync(client, bundle));
        string id = deployment.GetProperty("id").GetString()!;
        if (commit)
        {
            await JsonAsync(await client.PostAsync($"/v1/deployments/{id}/commit", null, Cancel));
        }

        return id;
    }

    public static Task<HttpResponseMessage> InferAsync(HttpClient client, params float[] x) =>
        client.PostAsJsonAsync("/v1/infer", new { inputs = new { x = new { shape = new[] { x.Length }, data = x } } }, Cancel);

    public static async Task<float[]> AnswerAsync(HttpClient client, params float[] x)
    {
        JsonElement answer = await JsonAsync(await InferAsync(client, x));
        return [.. answer.GetProperty("outputs").GetProperty("y").GetProperty("data").EnumerateArray().Select(e => e.GetSingle())];
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {text}");
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>y = factor · x, four numbers.</summary>
    public static byte[] Model(float factor, string operation = "Mul")
    {
        var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = new TensorShapeProto() } };
        type.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = 4 });
        var graph = new GraphProto { Name = "graph" };
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = type });
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = type.Clone() });
        graph.Initializer.Add(new TensorProto { Name = "factor", DataType = (int)TensorProto.Types.DataType.Float, FloatData = { factor } });
        graph.Node.Add(new NodeProto { OpType = operation, Name = "node", Input = { "x", "factor" }, Output = { "y" } });
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        return model.ToByteArray();
    }

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(c => c.Dispose());
        await app.DisposeAsync();
        Authority.Dispose();
        rootKey.Dispose();
        bundleKey.Dispose();
        temp.Dispose();
    }

    private async Task ConfigureAsync((string Key, string Value)[] settings)
    {
        RootMetadata root = RootMetadata.Of(1, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(10), new Dictionary<SigningRole, (IReadOnlyList<VerificationKey>, int)>
        {
            [SigningRole.Root] = ([rootKey.Public], 1),
            [SigningRole.Bundle] = ([bundleKey.Public], 1),
        });
        await File.WriteAllBytesAsync(temp.File("root.json"), root.Seal([rootKey]).ToBytes(), Cancel);
        IssuedCertificate server = Authority.IssueServer(["127.0.0.1"], TimeSpan.FromDays(1));
        await File.WriteAllTextAsync(temp.File("server.pem"), server.Certificate, Cancel);
        await File.WriteAllTextAsync(temp.File("server.key"), server.Key, Cancel);
        await File.WriteAllTextAsync(temp.File("ca.pem"), Authority.ToPem().Certificate, Cancel);
        await File.WriteAllTextAsync(DenyList, "# nobody yet\n", Cancel);
        (string, string)[] usual =
        [
            ("listen", "https://127.0.0.1:0"), ("data", Data), ("root", temp.File("root.json")), ("deviceClass", DeviceClass),
            ("tls:certificate", temp.File("server.pem")), ("tls:key", temp.File("server.key")),
            ("tls:clientAuthority", temp.File("ca.pem")), ("tls:denyList", DenyList),
        ];
        foreach ((string key, string value) in usual.Concat(settings))
        {
            Settings[key] = value;
        }
    }

    private async Task RunAsync(bool realPreflight)
    {
        AgentSettings settings = AgentSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(Settings).Build());
        app = AgentHost.Build(settings, realPreflight ? null : Preflight, energy: Energy);
        await app.StartAsync(Cancel);
        Address = new Uri(app.Urls.Single(u => u.Contains("://127.0.0.1:", StringComparison.Ordinal)));
    }
}
