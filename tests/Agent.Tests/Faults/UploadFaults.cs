using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Tests.Service;
using static EdgePrune.Agent.Tests.Faults.TransportStage;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>Uploads that break off, repeat themselves, lie about their lengths, or come in storms.</summary>
internal static class UploadFaults
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task Broken(bool reset)
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        byte[] bundle = f.Bundle(2, 3);
        string id = await CreateAsync(client, bundle.Length);
        using (RawClient raw = await RawClient.ConnectAsync(f))
        {
            await raw.SendAsync(Patch(id, 0, $"Content-Length: {bundle.Length}"));
            await raw.SendAsync(bundle[..700]);
            await Task.Delay(100, Cancel); // so that it is read before the end comes
            if (reset)
            {
                raw.Reset();
            }
        }

        long offset;
        do
        {
            await Task.Delay(20, Cancel);
            offset = await OffsetAsync(client, id);
        }
        while (offset == 0);
        Assert.Equal(700, offset);
        HttpResponseMessage rest = await ServiceFixture.PatchAsync(client, id, offset, bundle[(int)offset..]);
        await ServiceFixture.JsonAsync(rest);
        JsonElement deployment = await ServiceFixture.JsonAsync(await client.PostAsJsonAsync("/v1/deployments", new { upload = id }, Cancel));
        Assert.NotNull(deployment.GetProperty("id").GetString());
        await AssertServes(client, 3);
    }

    public static async Task Repeated()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        string id = await CreateAsync(client, 100);
        await ServiceFixture.JsonAsync(await ServiceFixture.PatchAsync(client, id, 0, new byte[40]));
        await RefusedAsync(await ServiceFixture.PatchAsync(client, id, 0, new byte[40]), 422, "stands at 40 of 100");
        Assert.Equal(40, await OffsetAsync(client, id));
        await AssertServes(client);
    }

    public static async Task Misplaced()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        string id = await CreateAsync(client, 100);
        await RefusedAsync(await ServiceFixture.PatchAsync(client, id, 60, new byte[40]), 422, "stands at 0 of 100");
        Assert.Equal(0, await OffsetAsync(client, id));
        await AssertServes(client);
    }

    public static async Task TooLong()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        string id = await CreateAsync(client, 100);
        await ServiceFixture.JsonAsync(await ServiceFixture.PatchAsync(client, id, 0, new byte[60]));
        await RefusedAsync(await ServiceFixture.PatchAsync(client, id, 60, new byte[41]), 422, "more comes than the 100 bytes");
        Assert.False(await ServiceFixture.TryPatchAsync(client, id, 60, new byte[1_000_000]));
        Assert.Equal(60, await OffsetAsync(client, id));
        await ServiceFixture.JsonAsync(await ServiceFixture.PatchAsync(client, id, 60, new byte[40]));
        await AssertServes(client);
    }

    public static async Task EndlessChunks()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        string id = await CreateAsync(client, 1000);
        using RawClient raw = await RawClient.ConnectAsync(f);
        await raw.SendAsync(Patch(id, 0, "Transfer-Encoding: chunked"));
        string chunk = $"100\r\n{new string('x', 256)}\r\n";
        try
        {
            for (int i = 0; i < 100; i++)
            {
                await raw.SendAsync(chunk);
            }
        }
        catch (IOException)
        {
            // The agent has ended it already.
        }

        Assert.Contains(await raw.StatusAsync(), (int[])[0, 413, 422]);
        Assert.True(await OffsetAsync(client, id) <= 1000);
        await AssertServes(client);
    }

    public static async Task AfterTheEnd()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        string id = await CreateAsync(client, 10);
        await ServiceFixture.JsonAsync(await ServiceFixture.PatchAsync(client, id, 0, new byte[10]));
        await RefusedAsync(await ServiceFixture.PatchAsync(client, id, 10, new byte[1]), 422, "more comes than");
        await AssertServes(client);
    }

    public static async Task AtOnce()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        string id = await CreateAsync(client, 1000);
        using RawClient raw = await RawClient.ConnectAsync(f);
        await raw.SendAsync(Patch(id, 0, "Content-Length: 1000"));
        await raw.SendAsync(new byte[500]);
        await Task.Delay(100, Cancel);
        await RefusedAsync(await ServiceFixture.PatchAsync(client, id, 0, new byte[10]), 422, "another request is adding");
        await RefusedAsync(await ServiceFixture.PatchAsync(client, id.ToUpperInvariant(), 0, new byte[10]), 422, "another request is adding");
        await raw.SendAsync(new byte[500]);
        Assert.Equal(200, await raw.StatusAsync());
        Assert.Equal(1000, await OffsetAsync(client, id));
        await AssertServes(client);
    }

    public static async Task BadOffsets()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        string id = await CreateAsync(client, 10);
        foreach (string offset in (string[])["-1", "", "x", "0x0", "1e1", "99999999999999999999", "0, 0", "٠"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, $"/v1/uploads/{id}") { Content = new ByteArrayContent(new byte[1]) };
            if (request.Headers.TryAddWithoutValidation("Upload-Offset", offset) && char.IsAscii(offset.FirstOrDefault()))
            {
                await RefusedAsync(await client.SendAsync(request, Cancel), 422, "Upload-Offset");
            }
        }

        Assert.Equal(0, await OffsetAsync(client, id));
        await AssertServes(client);
    }

    public static async Task Storm()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        HttpResponseMessage[] all = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => client.PostAsJsonAsync("/v1/uploads", new { size = 1000 }, Cancel)));
        Assert.Equal(4, all.Count(r => r.StatusCode == HttpStatusCode.Created));
        Assert.Equal(36, all.Count(r => r.StatusCode == HttpStatusCode.UnprocessableEntity));
        await AssertServes(client);
    }

    public static async Task TruncatedBundle()
    {
        (ServiceFixture f, HttpClient client) = await StartAsync();
        await using ServiceFixture _ = f;
        byte[] bundle = f.Bundle(2, 3);
        await RefusedAsync(await ServiceFixture.TryDeployAsync(client, bundle[..^700]), 422, "the bundle ends after");
        await AssertServes(client);
    }
}
