using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgePrune.Agent.Certificates;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Who gets in, and how far.</summary>
public sealed class AccessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_gets_in_without_a_certificate_that_the_authority_issued_for_clients()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using CertificateAuthority rogue = CertificateAuthority.Create("test authority", TimeSpan.FromDays(1));
        string[] files = [Path.GetTempFileName(), Path.GetTempFileName()];
        IssuedCertificate expired;
        try
        {
            await File.WriteAllTextAsync(files[0], f.Authority.ToPem().Certificate, Cancel);
            await File.WriteAllTextAsync(files[1], f.Authority.ToPem().Key, Cancel);
            using CertificateAuthority then = CertificateAuthority.Load(files[0], files[1], new ManualClock(DateTimeOffset.UtcNow));
            // Not before the authority itself: an end that lies a moment ahead, and has come when it is used.
            expired = then.IssueClient("late", [AgentRole.Infer], TimeSpan.FromSeconds(1));
        }
        finally
        {
            files.ToList().ForEach(File.Delete);
        }

        await Task.Delay(TimeSpan.FromSeconds(2), Cancel);
        (string Who, IssuedCertificate? Certificate)[] refused =
        [
            ("nobody", null),
            ("rogue authority of the same name", rogue.IssueClient("test", [AgentRole.Infer], TimeSpan.FromHours(1))),
            ("expired", expired),
            ("a server's certificate", f.Authority.IssueServer(["127.0.0.1"], TimeSpan.FromHours(1))),
            ("the authority's own", f.Authority.ToPem()),
        ];
        foreach ((string who, IssuedCertificate? certificate) in refused)
        {
            Exception? e = await Record.ExceptionAsync(() => f.ClientWith(certificate).GetAsync("/health", Cancel));
            Assert.True(e is HttpRequestException, $"{who}: {e}");
        }

        using var plain = new HttpClient { BaseAddress = new UriBuilder(f.Address) { Scheme = "http" }.Uri };
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync("/health", Cancel));
        Assert.True((await f.Client().GetAsync("/health", Cancel)).IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/device", AgentRole.Measure)]
    [InlineData("POST", "/v1/uploads", AgentRole.Deploy)]
    [InlineData("GET", "/v1/uploads/0", AgentRole.Deploy)]
    [InlineData("PATCH", "/v1/uploads/0", AgentRole.Deploy)]
    [InlineData("DELETE", "/v1/uploads/0", AgentRole.Deploy)]
    [InlineData("POST", "/v1/deployments", AgentRole.Deploy)]
    [InlineData("GET", "/v1/deployments", AgentRole.Deploy)]
    [InlineData("GET", "/v1/deployments/0/events", AgentRole.Deploy)]
    [InlineData("POST", "/v1/deployments/0/commit", AgentRole.Deploy)]
    [InlineData("POST", "/v1/deployments/0/rollback", AgentRole.Deploy)]
    [InlineData("POST", "/v1/rollback", AgentRole.Deploy)]
    [InlineData("PUT", "/v1/trust/root", AgentRole.Deploy)]
    [InlineData("PUT", "/v1/trust/timestamp", AgentRole.Deploy)]
    [InlineData("POST", "/v1/infer", AgentRole.Infer)]
    public async Task Each_endpoint_wants_its_role(string method, string path, AgentRole role)
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        foreach (AgentRole other in Enum.GetValues<AgentRole>())
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = JsonContent.Create(new { size = 1, upload = "0", reason = "x" }) };
            HttpResponseMessage response = await f.Client(other).SendAsync(request, Cancel);
            Assert.Equal(other != role, response.StatusCode == HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task A_line_in_the_deny_list_shuts_a_client_out_at_once_also_on_an_open_connection()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        IssuedCertificate issued = f.Authority.IssueClient("lost laptop", [AgentRole.Infer], TimeSpan.FromHours(1));
        HttpClient client = f.ClientWith(issued);
        Assert.True((await client.GetAsync("/health", Cancel)).IsSuccessStatusCode);
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(issued.Certificate);
        await File.AppendAllTextAsync(f.DenyList, certificate.GetCertHashString(HashAlgorithmName.SHA256) + " # lost\n", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/health", Cancel)).StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => f.ClientWith(issued).GetAsync("/health", Cancel));

        HttpClient other = f.Client();
        Assert.True((await other.GetAsync("/health", Cancel)).IsSuccessStatusCode);
        await File.WriteAllTextAsync(f.DenyList, "not hexadecimal\n", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/health", Cancel)).StatusCode);
    }

    [Fact]
    public async Task Health_metrics_device_and_the_api_s_own_description()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer, AgentRole.Measure);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4);
        Assert.Equal("ok", (await client.GetFromJsonAsync<JsonElement>("/health", Cancel)).GetProperty("status").GetString());
        Assert.Equal("host", (await client.GetFromJsonAsync<JsonElement>("/v1/device", Cancel)).GetProperty("deviceClass").GetString());

        string[] metrics = (await client.GetStringAsync("/metrics", Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // At least: a meter is listened to by name, so that the services of the tests beside this one, in the same process, are counted too.
        Assert.Contains(metrics, line => Regex.IsMatch(line, """^edgeprune_inference_duration_seconds_count\{\} [1-9]\d*$"""));
        Assert.All(metrics, line => Assert.Matches("""^(# (HELP|TYPE|UNIT) [a-z0-9_]+ .+|# EOF|[a-z0-9_]+(\{([a-z_]+="[^"]*",?)*\})? ([0-9.eE+-]+|NaN|\+Inf))$""", line));

        JsonElement api = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancel);
        Assert.StartsWith("3.", api.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        string[] paths = [.. api.GetProperty("paths").EnumerateObject().Select(p => p.Name)];
        Assert.Superset(new HashSet<string> { "/health", "/metrics", "/v1/device", "/v1/model", "/v1/uploads", "/v1/uploads/{id}", "/v1/deployments", "/v1/rollback", "/v1/infer", "/v1/trust/root" }, paths.ToHashSet());
    }
}
