using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Client;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>The client against a real agent, and against what is none.</summary>
public sealed class ClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_goes_up_is_kept_and_deciding_twice_is_as_deciding_once()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using var keys = new SiteKeys(f.Authority);
        using var agent = AgentClient.Open(f.Address.ToString(), keys.Folder);
        await File.WriteAllBytesAsync(keys.PathOf("bundle"), f.Bundle(1, 2), Cancel);

        AgentDeployment trial = await agent.DeployAsync(await agent.UploadBundleAsync(keys.PathOf("bundle"), null, Cancel), "first", Cancel);
        Assert.Equal("probation", trial.State);
        Assert.Equal("committed", (await agent.CommitAsync(trial.Id, Cancel)).State);
        Assert.Equal("committed", (await agent.CommitAsync(trial.Id, Cancel)).State);
        Assert.Equal(trial.Digest, (await agent.GetModelAsync(Cancel)).Current);
        AgentException late = await Assert.ThrowsAsync<AgentException>(() => agent.RollBackAsync(trial.Id, "too late", Cancel));
        Assert.Equal(AgentFailure.Refused, late.Failure);
        Assert.Equal(trial.Id, Assert.Single(await agent.GetDeploymentsAsync(Cancel)).Id);
    }

    [Fact]
    public async Task An_upload_goes_on_where_a_broken_connection_left_it()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        using var keys = new SiteKeys(f.Authority);
        byte[] bytes = new byte[3 << 20];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(keys.PathOf("model"), bytes, Cancel);
        using var link = new BrokenLink(f.Address.Port, breakAfter: [40_000, 1_500_000]);
        using var agent = AgentClient.Open($"https://127.0.0.1:{link.Port}", keys.Folder);

        string id = await agent.UploadModelAsync(keys.PathOf("model"), null, Cancel);

        Assert.Equal(2, link.Broken);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Directory.GetFiles(Path.Combine(f.Data, "job-uploads"), $"{id}.*").Single(p => !p.EndsWith(".flushed", StringComparison.Ordinal)), Cancel));
    }

    [Fact]
    public async Task Each_thing_that_can_be_wrong_is_named()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        string address = f.Address.ToString();
        using var keys = new SiteKeys(f.Authority);
        using var stranger = CertificateAuthority.Create("another authority", TimeSpan.FromDays(1));
        using var strangers = new SiteKeys(stranger);
        using var stale = new SiteKeys(f.Authority);
        stale.Write(AgentRole.Measure, f.Authority.IssueClient("test", [AgentRole.Deploy], TimeSpan.FromHours(1)));

        await RefusedAsync(AgentFailure.Untrusted, "certificate of the authority", () => AskAsync(address, strangers.Folder));
        await RefusedAsync(AgentFailure.Unreachable, "cannot be reached", () => AskAsync($"https://127.0.0.1:{FreePort()}", keys.Folder));
        Assert.Contains("does not name the role 'measure'", (await Assert.ThrowsAsync<InputException>(() => AskAsync(address, stale.Folder))).Message, StringComparison.Ordinal);
        File.Delete(keys.PathOf("measure.pem"));
        Assert.Contains("--client NAME --role measure", (await Assert.ThrowsAsync<InputException>(() => AskAsync(address, keys.Folder))).Message, StringComparison.Ordinal);
        foreach (string wrong in (string[])["ftp://x", "https://x/?path", "https://x/#path", "https://user@x", "http://192.168.1.7:80", "nonsense"])
        {
            Assert.Throws<InputException>(() => AgentClient.Open(wrong, keys.Folder));
        }

        Assert.Contains("--keys", Assert.Throws<InputException>(() => AgentClient.Open(address, null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "redirect")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "no agent of this version")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n{", "more than the")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 41\r\n\r\n{\"kind\":\"missing\",\"message\":\"\\u001b[31mno\"}", "\\u{1B}[31mno")]
    public async Task What_is_no_agent_is_told_from_one(string answer, string because)
    {
        using var server = new CannedServer(answer);
        using var agent = AgentClient.Open($"http://127.0.0.1:{server.Port}", null);
        AgentException e = await Assert.ThrowsAsync<AgentException>(() => agent.GetDeviceAsync(Cancel));
        Assert.DoesNotContain('\u001b', e.Message);
        if (!because.StartsWith('\\'))
        {
            Assert.Contains(because, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Events_are_put_together_from_lines_and_bounded()
    {
        async Task<string[]> Read(string text) => await EventReader.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), Cancel).ToArrayAsync(Cancel);

        Assert.Equal(["{\"a\":1}", "one\ntwo"], await Read("event: job\r\ndata: {\"a\":1}\r\n\r\n: a comment\n\ndata:one\ndata: two\n\ndata: torn"));
        await Assert.ThrowsAsync<AgentException>(() => Read("data: " + new string('x', 1 << 20)));
        await Assert.ThrowsAsync<AgentException>(() => Read(string.Concat(Enumerable.Repeat("data: xxxxxxxxxxxxxxxx\n", 1 << 15))));
    }

    private static async Task AskAsync(string address, string keys)
    {
        using var agent = AgentClient.Open(address, keys, new HastyClock());
        await agent.GetDeviceAsync(Cancel);
    }

    private static async Task RefusedAsync(AgentFailure failure, string because, Func<Task> act)
    {
        AgentException e = await Assert.ThrowsAsync<AgentException>(act);
        Assert.Equal(failure, e.Failure);
        Assert.Contains(because, e.Message, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
