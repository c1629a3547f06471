using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Tests.Service;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>Metrics on their way to a collector, and the same ones for Prometheus.</summary>
[Collection(Alone.Name)]
public sealed class OtlpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_collector_receives_the_metrics_by_their_names_with_the_header_that_lets_them_in()
    {
        using var collector = new HttpListener();
        int port = FreePort();
        collector.Prefixes.Add($"http://127.0.0.1:{port}/");
        collector.Start();
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings:
        [
            ("otlp:endpoint", $"http://127.0.0.1:{port}"), ("otlp:headers", "api-key=secret"), ("otlp:intervalSeconds", "1"),
        ]);
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4);
        using IDisposable listening = f.Part<PowerMonitor>().Listen();
        string[] wanted =
        [
            "service.name", "edgeprune-agent", "http.server.request.duration", "http.route", "/v1/infer", "edgeprune.inference.duration", "edgeprune.inference.failures",
            "edgeprune.model.info", "edgeprune.healthy", "edgeprune.trust.up_to_date", "process.cpu.time", "process.memory.usage", "process.thread.count", "process.uptime", "dotnet.gc.collections",
            "hw.power", "edgeprune.provenance", "modelled",
        ];
        string[] missing = wanted;
        for (int i = 0; i < 10 && missing.Length > 0; i++)
        {
            HttpListenerContext context = await collector.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            Assert.Equal("/v1/metrics", context.Request.Url!.AbsolutePath);
            Assert.Equal("application/x-protobuf", context.Request.ContentType);
            Assert.Equal("secret", context.Request.Headers["api-key"]);
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body, Cancel);
            context.Response.StatusCode = 200;
            context.Response.Close();
            string text = Encoding.Latin1.GetString(body.GetBuffer().AsSpan(0, (int)body.Length)); // names lie in protobuf as they are
            missing = [.. wanted.Where(w => !text.Contains(w, StringComparison.Ordinal))];
        }

        Assert.Empty(missing);
    }

    [Fact]
    public async Task Prometheus_sees_the_same_instruments_and_a_collector_that_is_not_there_harms_nobody()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync(settings: [("otlp:endpoint", $"http://127.0.0.1:{FreePort()}"), ("otlp:intervalSeconds", "1")]);
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await client.PostAsJsonAsync("/v1/infer", new { inputs = new { } }, Cancel)).StatusCode);
        string text = "";
        // At least one: those of the services of other tests in this process are counted too, for a meter is listened to by its name.
        string[] missing = ["edgeprune_inference_duration_seconds_count\\{\\} [1-9]", "edgeprune_healthy\\{\\} 1", "edgeprune_trust_up_to_date\\{\\} 1", "edgeprune_inference_failures_total\\{\\} [1-9]"];
        for (int i = 0; i < 200 && missing.Length > 0; i++)
        {
            await Task.Delay(i == 0 ? 0 : 100, Cancel); // a request is counted when it has ended, which is after its answer came
            text = await client.GetStringAsync("/metrics", Cancel);
            missing = [.. missing.Where(line => !Regex.IsMatch(text, $"^{line}", RegexOptions.Multiline))];
        }

        Assert.True(missing.Length == 0, $"{string.Join(", ", missing)} is not in{Environment.NewLine}{text}");
        Assert.Contains("process_cpu_time_seconds_total{cpu_mode=\"user\"}", text, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds_count{", text, StringComparison.Ordinal);

        // Power is told while somebody looks at it, and only then.
        Assert.DoesNotContain("hw_power_watts", text, StringComparison.Ordinal);
        PowerMonitor power = f.Part<PowerMonitor>();
        using (power.Listen())
        {
            const string line = "hw_power_watts{edgeprune_provenance=\"modelled\",hw_id=\"board\"}";
            for (int i = 0; i < 200 && !text.Contains(line, StringComparison.Ordinal); i++)
            {
                await Task.Delay(100, Cancel); // it takes two readings, and an answer is kept for a moment
                text = await client.GetStringAsync("/metrics", Cancel);
            }

            Assert.Contains(line, text, StringComparison.Ordinal);
        }

        Assert.Null(power.Latest);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
