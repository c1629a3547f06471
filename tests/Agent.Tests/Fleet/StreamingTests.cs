using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Fleet;
using EdgePrune.Agent.Service.DialOut;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgePrune.Agent.Tests.Fleet;

/// <summary>What flows through a controller while it flows: events, long bodies, and clients that go away.</summary>
public sealed class StreamingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_arrive_as_they_are_sent_and_the_agent_learns_when_the_client_goes()
    {
        await using FleetFixture f = await FleetFixture.StartAsync(dial: false);
        using var next = new SemaphoreSlim(0);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication server = await ServerAsync(f, app => app.MapGet("/events", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            try
            {
                for (int i = 1; ; i++)
                {
                    await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    await next.WaitAsync(context.RequestAborted); // the next one only when this one has been seen
                }
            }
            catch (OperationCanceledException)
            {
                left.SetResult();
            }
        }));
        using (HttpResponseMessage response = await f.Through(AgentRole.Measure).GetAsync("/events", HttpCompletionOption.ResponseHeadersRead, Cancel))
        {
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
            for (int i = 1; i <= 5; i++)
            {
                Assert.Equal($"data: {i}", await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel));
                Assert.Equal("", await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel));
                next.Release();
            }
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_long_body_streams_both_ways_and_one_beyond_the_cap_is_refused()
    {
        await using FleetFixture f = await FleetFixture.StartAsync(dial: false);
        await using WebApplication server = await ServerAsync(f, app => app.MapPost("/echo", async (HttpContext context) =>
        {
            await context.Response.StartAsync(context.RequestAborted);
            await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
        }));
        HttpClient client = f.Through(AgentRole.Measure);
        byte[] bytes = new byte[3 << 20];
        new Random(1).NextBytes(bytes);
        Assert.Equal(bytes, await (await client.PostAsync("/echo", new ByteArrayContent(bytes), Cancel)).Content.ReadAsByteArrayAsync(Cancel));
        Assert.True(await FleetFixture.IsRefusedAsync(client.PostAsync("/echo", new ByteArrayContent(new byte[(4 << 20) + 1]), Cancel)));
        Assert.Equal([1, 2, 3], await (await client.PostAsync("/echo", new ByteArrayContent([1, 2, 3]), Cancel)).Content.ReadAsByteArrayAsync(Cancel));
    }

    // A server of the test's own behind the agent's way out.
    private static async Task<WebApplication> ServerAsync(FleetFixture f, Action<WebApplication> map)
    {
        string File(string name) => Path.Combine(f.Folder, name);
        var address = new ControllerAddress(f.Address, File("device.pem"), File("device.key"), File("ca.pem"), File("ca.pem"), null);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Listen(new DialOutEndPoint(f.Address), listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton(_ => new ControllerClient(address, () => new LeaseRequest("host", "default", "1", null)));
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => new DialOutTransport(
            services.GetRequiredService<ControllerClient>(),
            new RelayedConnection(new ClientCertificates(System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(File("ca.pem")), new DenyList(null), TimeProvider.System)),
            NullLogger<DialOutTransport>.Instance,
            TimeProvider.System));
        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync(Cancel);
        await f.ConnectedAsync();
        return app;
    }
}
