using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

/// <summary>The controller as people start it, killed and stopped.</summary>
public sealed class ControllerTests
{
    private const string Announcement = "listening on ";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keeps_what_it_has_acknowledged_through_a_kill_and_stops_when_asked()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are not Windows'");
        using var home = new TempFolder();
        string keys = home.File("keys");
        await OkAsync(home, "keys", keys);
        await OkAsync(home, "keys", keys, "--controller", "127.0.0.1");
        await OkAsync(home, "keys", keys, "--client", "camera-3", "--role", "device");
        (Process controller, Uri address) = await StartAsync(home, "127.0.0.1:0");
        try
        {
            using (HttpClient device = Client(keys, "camera-3", address))
            using (HttpClient people = Client(keys, "deploy", address))
            {
                Assert.Equal(1, (await JsonAsync(await device.PostAsJsonAsync("/v1/agent/lease", new { deviceClass = "host", modelName = "default", version = "1" }, Cancel))).GetProperty("token").GetInt64());
                JsonElement bundle = await JsonAsync(await people.PostAsync("/v1/bundles", new ByteArrayContent([1, 2, 3]), Cancel));
                Assert.Equal(3, bundle.GetProperty("size").GetInt64());
                await JsonAsync(await people.PutAsJsonAsync("/v1/devices/camera-3/desired", new { bundle = bundle.GetProperty("bundle").GetString(), note = "try" }, Cancel));
            }

            controller.Kill();
            await controller.WaitForExitAsync(Cancel);
            controller.Dispose();
            (controller, address) = await StartAsync(home, $"127.0.0.1:{address.Port}");
            using (HttpClient people = Client(keys, "measure", address))
            {
                JsonElement kept = (await people.GetFromJsonAsync<JsonElement>("/v1/devices/camera-3", Cancel)).GetProperty("device");
                Assert.Equal((1, "try"), (kept.GetProperty("desired").GetProperty("revision").GetInt64(), kept.GetProperty("desired").GetProperty("note").GetString()));
                Assert.Equal(1, kept.GetProperty("token").GetInt64());
            }

            using HttpClient nobody = Client(keys, null, address);
            await Assert.ThrowsAsync<HttpRequestException>(() => nobody.GetAsync("/health", Cancel));
            using (Process term = Process.Start("kill", ["-TERM", controller.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await term.WaitForExitAsync(Cancel);
            }

            await controller.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            Assert.Equal(0, controller.ExitCode);
        }
        finally
        {
            controller.Kill();
            controller.Dispose();
        }
    }

    [Fact]
    public async Task Says_which_file_is_missing_and_what_is_wrong_with_an_address()
    {
        using var home = new TempFolder();
        CliProcess missing = await CliProcess.Run(home, "controller", home.File("data"), "--keys", home.File("none"));
        Assert.Equal(1, missing.Code);
        Assert.Contains("controller.pem", missing.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await CliProcess.Run(home, "controller", home.File("data"), "--keys", home.Path, "--listen", "fleet.example:8490")).Code);
    }

    private static async Task<(Process Controller, Uri Address)> StartAsync(TempFolder home, string listen)
    {
        Process controller = CliProcess.Start(home, "controller", home.File("fleet"), "--keys", home.File("keys"), "--listen", listen);
        var said = new List<string>();
        for (; ; )
        {
            string? line = await controller.StandardError.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);
            Assert.True(line is not null, string.Join('\n', said));
            said.Add(line);
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
            {
                return (controller, new Uri(line[Announcement.Length..]));
            }
        }
    }

    private static HttpClient Client(string keys, string? name, Uri address)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(Path.Combine(keys, "ca.pem")));
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        if (name is not null)
        {
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(Path.Combine(keys, name + ".pem"), Path.Combine(keys, name + ".key"))];
        }

        return new HttpClient(handler) { BaseAddress = address };
    }

    private static async Task OkAsync(TempFolder home, params string[] args)
    {
        CliProcess run = await CliProcess.Run(home, args);
        Assert.True(run.Code == 0, run.Error);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }
}
