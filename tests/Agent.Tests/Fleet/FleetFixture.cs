using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Tests.Service;
using EdgePrune.Controller;
using Microsoft.AspNetCore.Builder;

namespace EdgePrune.Agent.Tests.Fleet;

/// <summary>A controller and an agent that dials out to it, both with real sockets and certificates.</summary>
internal sealed class FleetFixture : IAsyncDisposable
{
    public const string Device = "camera-3";

    private readonly RamFolder temp = new();
    private readonly List<HttpClient> clients = [];
    private WebApplication? controller;
    private int port;

    private FleetFixture(ServiceFixture agent) => Agent = agent;

    public ServiceFixture Agent { get; }

    public Uri Address => new($"https://127.0.0.1:{port}");

    public string Folder => temp.Path;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="dial">Whether the agent is started anew with the controller in its settings, and has connected.</param>
    public static async Task<FleetFixture> StartAsync(bool dial = true)
    {
        var fixture = new FleetFixture(await ServiceFixture.StartAsync());
        CertificateAuthority authority = fixture.Agent.Authority;
        fixture.Write("controller", authority.IssueController(["127.0.0.1"], TimeSpan.FromDays(1)));
        fixture.Write("device", authority.IssueClient(Device, [AgentRole.Device], TimeSpan.FromDays(1)));
        fixture.Write("ca", authority.ToPem());
        await fixture.StartControllerAsync();
        if (dial)
        {
            foreach ((string key, string value) in fixture.DialSettings())
            {
                fixture.Agent.Settings[key] = value;
            }

            await fixture.Agent.RestartAsync();
            await fixture.ConnectedAsync();
        }

        return fixture;
    }

    public IReadOnlyList<(string Key, string Value)> DialSettings() =>
    [
        ("controller:url", Address.AbsoluteUri), ("controller:certificate", temp.File("device.pem")), ("controller:key", temp.File("device.key")),
        ("controller:authority", temp.File("ca.pem")), ("controller:clientAuthority", temp.File("ca.pem")), ("controller:denyList", Agent.DenyList),
    ];

    public async Task StartControllerAsync()
    {
        controller = ControllerHost.Build(new ControllerSettings
        {
            Listen = new IPEndPoint(IPAddress.Loopback, port),
            Certificate = temp.File("controller.pem"),
            Key = temp.File("controller.key"),
            ClientAuthority = temp.File("ca.pem"),
            DataFolder = temp.File("controller"),
            MaxBundleBytes = 4 << 20,
            Heartbeat = TimeSpan.FromSeconds(2),
        });
        await controller.StartAsync(Cancel);
        port = new Uri(controller.Urls.Single()).Port;
    }

    public async Task StopControllerAsync()
    {
        await controller!.DisposeAsync();
        controller = null;
    }

    /// <summary>A client of the controller.</summary>
    public HttpClient Operator(params AgentRole[] roles) => ClientWith(Agent.Authority.IssueClient("operator", roles, TimeSpan.FromHours(1)), "");

    /// <summary>A client that speaks the agent's API, through the controller.</summary>
    public HttpClient Through(params AgentRole[] roles) => ClientWith(Agent.Authority.IssueClient("operator", roles, TimeSpan.FromHours(1)));

    public HttpClient ClientWith(IssuedCertificate? issued, string prefix = "/devices/" + Device)
    {
        HttpClient direct = Agent.ClientWith(issued);
        var client = new HttpClient(new Prefix(direct, Address, prefix)) { BaseAddress = Address };
        clients.Add(client);
        return client;
    }

    public Task ConnectedAsync() => UntilAsync(d => d.GetProperty("connected").GetBoolean());

    /// <summary>Waits until the controller says something of the device.</summary>
    public async Task<JsonElement> UntilAsync(Func<JsonElement, bool> condition)
    {
        using HttpClient client = Operator(AgentRole.Measure);
        var waited = Stopwatch.StartNew();
        for (JsonElement last = default; ;)
        {
            using HttpResponseMessage response = await client.GetAsync($"/v1/devices/{Device}", Cancel);
            if (response.IsSuccessStatusCode)
            {
                last = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
                if (condition(last))
                {
                    return last;
                }
            }

            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), $"still {last}");
            await Task.Delay(50, Cancel);
        }
    }

    public Task<JsonElement> ResultAsync(long revision, string state) => UntilAsync(d =>
        d.GetProperty("device").GetProperty("result") is { ValueKind: JsonValueKind.Object } r
        && r.GetProperty("revision").GetInt64() == revision && r.GetProperty("state").GetString() == state);

    /// <summary>Puts a bundle at the controller and asks the device to run it.</summary>
    public static async Task<long> WantAsync(HttpClient client, byte[] bundle)
    {
        JsonElement put = await ServiceFixture.JsonAsync(await client.PostAsync("/v1/bundles", new ByteArrayContent(bundle), Cancel));
        JsonElement wish = await ServiceFixture.JsonAsync(await client.PutAsJsonAsync($"/v1/devices/{Device}/desired", new { bundle = put.GetProperty("bundle").GetString() }, Cancel));
        return wish.GetProperty("revision").GetInt64();
    }

    /// <summary>Whether a body was too large: the answer says so, or the connection ends while it is still being sent.</summary>
    public static async Task<bool> IsRefusedAsync(Task<HttpResponseMessage> sending)
    {
        try
        {
            using HttpResponseMessage response = await sending;
            return !response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(c => c.Dispose());
        await Agent.DisposeAsync();
        if (controller is not null)
        {
            await controller.DisposeAsync();
        }

        temp.Dispose();
    }

    private void Write(string name, IssuedCertificate issued)
    {
        File.WriteAllText(temp.File(name + ".pem"), issued.Certificate);
        File.WriteAllText(temp.File(name + ".key"), issued.Key);
    }

    // What a client with a base address of its own does: every path begins below the device's.
    private sealed class Prefix(HttpClient direct, Uri address, string prefix) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var copy = new HttpRequestMessage(request.Method, new Uri(address, prefix + request.RequestUri!.PathAndQuery)) { Content = request.Content };
            foreach ((string name, IEnumerable<string> values) in request.Headers)
            {
                copy.Headers.TryAddWithoutValidation(name, values);
            }

            return await direct.SendAsync(copy, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
    }
}
