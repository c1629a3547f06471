using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Tests.Service;
using static EdgePrune.Agent.Tests.Faults.TransportStage;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>Connections that break, drip, lie about lengths, or come in storms.</summary>
public sealed class TransportFaultTests
{
    internal static FaultSection Section { get; } = new(
        "Transport",
        typeof(TransportFaultTests),
        "A real service over real sockets with TLS. After each fault the same service answers the next request rightly.",
        [
            new("upload cut off in a piece", "what came is kept; goes on from there and deploys", () => UploadFaults.Broken(reset: false)),
            new("upload reset in a piece", "what came is kept; goes on from there and deploys", () => UploadFaults.Broken(reset: true)),
            new("piece sent twice", "the second refused with the place to go on from", UploadFaults.Repeated),
            new("piece for another place", "refused with the place to go on from", UploadFaults.Misplaced),
            new("piece longer than announced", "refused; what was whole before stays", UploadFaults.TooLong),
            new("piece in chunks without end", "refused when it exceeds what was announced", UploadFaults.EndlessChunks),
            new("piece for a whole upload", "refused", UploadFaults.AfterTheEnd),
            new("two pieces at once, under two spellings of one name", "one taken, one refused", UploadFaults.AtOnce),
            new("body that drips", "ended by the agent", () => Slow(s => s.Body)),
            new("headers that drip", "ended by the agent", () => Slow(s => s.Headers)),
            new("handshake that never comes", "ended by the agent", () => Slow(s => s.Handshake)),
            new("offsets that are none", "refused", UploadFaults.BadOffsets),
            new("ranges", "not understood, and said so by a whole answer", Ranges),
            new("redirects", "the agent sends none", Redirects),
            new("garbage in place of HTTP", "refused", () => Raw("\u0016\u0003\u0001 what is this?\r\n\r\n", 400)),
            new("two lengths", "refused", () => Raw("POST /v1/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\n12345", 400)),
            new("length and chunks", "the connection ends after the answer", LengthAndChunks),
            new("negative length", "refused", () => Raw("POST /v1/infer HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400)),
            new("length of 2^63", "refused", () => Raw("POST /v1/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\n", 400)),
            new("headers without end", "refused", () => Raw("GET /health HTTP/1.1\r\nHost: x\r\nX: " + new string('x', 70_000), 431)),
            new("no host", "refused", () => Raw("GET /health HTTP/1.1\r\n\r\n", 400)),
            new("text that is no text", "refused", BadText),
            new("storm of connections", "the agent answers when it is over, and an open connection throughout", ConnectionStorm),
            new("storm of requests", "every one answered or refused, none wrongly", RequestStorm),
            new("storm of uploads", "as many as may be under way; the rest refused", UploadFaults.Storm),
            new("truncated bundle, whole upload", "refused; the old model serves", UploadFaults.TruncatedBundle),
            new("page of another origin", "refused", OtherOrigin),
            new("name that leads to the loopback address", "refused", Rebinding),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Transport_fault(string fault) => await Section.RunAsync(fault);

    private static async Task Slow(Func<SlowClients, Task> which)
    {
        SlowClients slow = await SlowClients.Started.Value;
        await which(slow);
        await AssertServes(slow.Client);
    }

    private static async Task Ranges()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        foreach (string range in (string[])["bytes=0-0", "bytes=5-1", "bytes=-1", "bytes=0-0,1-1,2-2", "bytes=999999999999-", "lines=1-2"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
            request.Headers.TryAddWithoutValidation("Range", range);
            HttpResponseMessage response = await client.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("ok", (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("status").GetString());
        }

        await AssertServes(client);
    }

    private static async Task Redirects()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        foreach (string path in (string[])["/health/", "//health", "/v1", "/v1/", "/v1/deployments/", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//example.org/", "/health?next=http://example.org", "/\\example.org"])
        {
            using RawClient raw = await RawClient.ConnectAsync(f);
            await raw.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
            int status = await raw.StatusAsync();
            Assert.True(status is 200 or (>= 400 and < 500), $"{path}: {status}");
        }

        await AssertServes(client);
    }

    private static async Task Raw(string text, int expected)
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        using RawClient raw = await RawClient.ConnectAsync(f);
        await raw.SendAsync(text);
        Assert.Equal(expected, await raw.StatusAsync());
        await AssertServes(client);
    }

    // RFC 9112, section 6.3: the chunks count, and the connection is not used again, so nothing can be smuggled through it.
    private static async Task LengthAndChunks()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        using RawClient raw = await RawClient.ConnectAsync(f);
        await raw.SendAsync("POST /v1/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal(400, await raw.StatusAsync());
        await AssertServes(client);
    }

    private static async Task BadText()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        byte[][] bodies =
        [
            [.. "{\"inputs\": {\""u8, 0xff, 0xfe, .. "\": {\"shape\": [4], \"data\": [1, 2, 3, 4]}}}"u8],
            [.. "{\"inputs\": {\"\\ud800\": {\"shape\": [4], \"data\": [1, 2, 3, 4]}}}"u8],
            [.. "{\"inputs\": {\"x\": {\"shape\": [4], \"data\": [1, 2, 3, \"\\ud800\"]}}}"u8],
            [.. "{\"inputs\": {\"x\": {\"shape\": [\"\\ud800\"], \"data\": [1, 2, 3, 4]}}}"u8],
            [.. "{\"inputs\": {\"x\": {\"shape\": [4], \"data\": [1, 2, 3, \""u8, 0xc0, .. "\"]}}}"u8],
            [0xff, 0xfe, (byte)'{', 0],
        ];
        foreach (byte[] body in bodies)
        {
            using var content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } };
            HttpResponseMessage response = await client.PostAsync("/v1/infer", content, Cancel);
            Assert.True((int)response.StatusCode is >= 400 and < 500, $"{Encoding.Latin1.GetString(body)}: {response.StatusCode}");
        }

        await AssertServes(client);
    }

    private static async Task ConnectionStorm()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        await AssertServes(client);
        var sockets = new List<Socket>();
        for (int i = 0; i < 400; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            await socket.ConnectAsync(f.Address.Host, f.Address.Port, Cancel);
        }

        await AssertServes(client); // over the connection that it has
        sockets.ForEach(s => s.Dispose());
        HttpClient other = f.Client(AgentRole.Infer);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await AssertServes(other);
                return;
            }
            catch (HttpRequestException) when (attempt < 100)
            {
                await Task.Delay(50, Cancel); // the agent has still to notice that they are gone
            }
        }
    }

    private static async Task RequestStorm()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        int answered = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 600), new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Cancel }, async (i, cancel) =>
        {
            HttpResponseMessage response = await ServiceFixture.InferAsync(client, i, 1, 2, 3);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                JsonElement y = (await response.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("outputs").GetProperty("y").GetProperty("data");
                Assert.Equal(2f * i, y[0].GetSingle());
                Interlocked.Increment(ref answered);
            }
            else
            {
                Assert.Contains((int)response.StatusCode, (int[])[429, 503, 504]);
            }
        });
        Assert.True(answered > 100, $"{answered} of 600 answered");
        await AssertServes(client);
    }

    private static async Task OtherOrigin()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        string id = await ServiceFixture.DeployAsync(client, f.Bundle(2, 3), commit: false);
        foreach ((string name, string value) in ((string, string)[])[("Origin", "https://example.org"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/deployments/{id}/commit");
            request.Headers.TryAddWithoutValidation(name, value);
            await RefusedAsync(await client.SendAsync(request, Cancel), 403, "another site");
        }

        using var own = new HttpRequestMessage(HttpMethod.Post, $"/v1/deployments/{id}/commit");
        own.Headers.TryAddWithoutValidation("Origin", f.Address.GetLeftPart(UriPartial.Authority));
        own.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-origin");
        await ServiceFixture.JsonAsync(await client.SendAsync(own, Cancel));
        await AssertServes(client, 3);
    }

    private static async Task Rebinding()
    {
        await using ServiceFixture f = await ServiceFixture.StartWithoutTlsAsync();
        using var client = new HttpClient { BaseAddress = f.Address };
        Assert.True((await client.GetAsync("/health", Cancel)).IsSuccessStatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = $"attacker.example:{f.Address.Port}" } };
        await RefusedAsync(await client.SendAsync(request, Cancel), 403, "loopback address or localhost");
        using var local = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = $"localhost:{f.Address.Port}" } };
        Assert.True((await client.SendAsync(local, Cancel)).IsSuccessStatusCode);
    }
}
