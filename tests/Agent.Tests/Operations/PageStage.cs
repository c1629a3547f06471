using System.Text.Json;
using EdgePrune.Agent.Service.Api;
using EdgePrune.Agent.Service.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>The page before answers of the agent's API that a test has written: all that a device may have to tell, and names that mean harm.</summary>
internal static class PageStage
{
    public const string Hostile = "</script><img src=x onerror=\"document.title='owned'\">a\u202Egpj.exe";

    public static async Task<WebApplication> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        PageEndpoints.Map(app.MapGroup(""));
        const string current = "sha256:5b2c0d6a0d4ab7a7f2d1f0ce2f1c6d4e0b1a2c3d4e5f60718293a4b5c6d7e8f9";
        const string previous = "sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f95b2c0d6a0d4ab7a7f2d1f0ce2f1c6d4e";
        Map(app, "/health", new HealthAnswer("degraded", current, ["no timestamp has come", Hostile]));
        Map(app, "/v1/device", new { name = "camera-3", deviceClass = "raspberry-pi-4", device = "raspberry-pi-4-ina219", modelName = "default", version = "0.1.0", architecture = "arm64", operatingSystem = "Debian 12", processors = 4, memoryBytes = 4L << 30, rootVersion = 1 });
        Map(app, "/v1/model", new { current, previous });
        Map(app, "/v1/inference/stats", new
        {
            current = new { digest = current, requests = 18234, latency = new { p50 = 0.0042, p95 = 0.0051, p99 = 0.0074 }, energy = new { median = 0.0123, low = 0.0119, high = 0.0128, provenance = "measured" }, canaries = new { run = 20, passed = 20 } },
            previous = new { digest = previous, requests = 90211, latency = new { p50 = 0.0087, p95 = 0.0102, p99 = 0.0151 }, accuracy = 0.9312 },
        });
        object Step(string state, int minute, string? reason = null) => new { state, time = new DateTimeOffset(2026, 11, 20, 9, minute, 0, TimeSpan.Zero), reason };
        Map(app, "/v1/deployments", (object[])
        [
            new { id = "1", state = "committed", digest = previous, replaces = (string?)null, note = "bundle default version 1: first", steps = new[] { Step("received", 1), Step("verified", 1), Step("committed", 3) } },
            new { id = "2", state = "rolled-back", digest = current, replaces = previous, note = "bundle default version 2: " + Hostile, steps = new[] { Step("received", 5), Step("rolled-back", 9, "p99 latency 1.8 times that of the model before") } },
            new
            {
                id = "3", state = "probation", digest = current, replaces = previous, note = "bundle default version 3: half the channels", steps = new[] { Step("received", 11), Step("probation", 12) },
                probation = new { requests = 80, compared = 40, needed = 100, deadline = new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.Zero) },
                verdict = new { decision = "commit", reasons = (string[])["faster and cheaper"], latencyRatio = new { median = 0.48, low = 0.47, high = 0.5 }, energyRatio = new { median = 0.55, low = 0.5, high = 0.61, provenance = "measured" }, answers = new { compared = 40, agreed = 39 } },
            },
        ]);
        Map(app, "/v1/jobs", (object[])
        [
            new { id = "a", kind = "profile", state = "done", progress = 1.0, created = "2026-11-20T09:20:00Z", ended = "2026-11-20T09:25:00Z" },
            new { id = "b", kind = "costs", state = "done", progress = 1.0, created = "2026-11-20T10:20:00Z", ended = "2026-11-20T10:25:00Z" },
            new { id = "c", kind = "profile", state = "failed", progress = 0.2, created = "2026-11-20T11:20:00Z", ended = "2026-11-20T11:25:00Z" },
        ]);
        string profile = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "profile.json"), TestContext.Current.CancellationToken);
        app.MapGet("/v1/jobs/a/result", () => Results.Text(profile.Replace("__NAME__", JsonEncodedText.Encode(Hostile).ToString(), StringComparison.Ordinal), "application/json"));
        app.MapGet("/v1/power", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            for (int i = 0; i < 90; i++)
            {
                double watts = 3.1 + (0.6 * Math.Sin(i / 9.0)) + (i % 30 > 20 ? 1.4 : 0);
                string data = JsonSerializer.Serialize(
                    new { time = new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero).AddSeconds(i), watts, provenance = "measured", rails = new[] { new { name = "5V", watts }, new { name = "3V3", watts = 0.31 } } },
                    JsonSerializerOptions.Web);
                await context.Response.WriteAsync($": a comment\nevent: power\ndata: {data}\n\n", context.RequestAborted);
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static void Map(WebApplication app, string path, object answer) => app.MapGet(path, () => Results.Json(answer));
}
