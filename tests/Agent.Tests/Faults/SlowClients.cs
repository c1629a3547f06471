using System.Diagnostics;
using System.Net.Sockets;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Tests.Service;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>Clients that take as long as the agent lets them, all at the same time.</summary>
internal sealed class SlowClients
{
    // Longer than any limit of the agent's for a client that does not get on.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private SlowClients(HttpClient client, Task body, Task headers, Task handshake)
    {
        (Client, Body, Headers, Handshake) = (client, body, headers, handshake);
    }

    public static Lazy<Task<SlowClients>> Started { get; } = new(StartAsync);

    /// <summary>A client that is not slow.</summary>
    public HttpClient Client { get; }

    /// <summary>Ends when the agent has ended a request whose body drips.</summary>
    public Task Body { get; }

    public Task Headers { get; }

    public Task Handshake { get; }

    private static async Task<SlowClients> StartAsync()
    {
        ServiceFixture f = await ServiceFixture.StartAsync(settings: ("limits:silenceSeconds", "2"));
        HttpClient client = f.Client(Enum.GetValues<AgentRole>());
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        RawClient body = await RawClient.ConnectAsync(f);
        await body.SendAsync("POST /v1/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
        RawClient headers = await RawClient.ConnectAsync(f);
        await headers.SendAsync("GET /health HTTP/1.1\r\n");
        return new SlowClients(client, Task.Run(() => DripAsync(body, " ")), Task.Run(() => DripAsync(headers, "X: y\r\n")), Task.Run(() => WaitAsync(f.Address)));
    }

    private static async Task DripAsync(RawClient client, string drop)
    {
        Task<int> status = client.StatusAsync();
        long start = Stopwatch.GetTimestamp();
        while (!status.IsCompleted && Stopwatch.GetElapsedTime(start) < Patience)
        {
            try
            {
                await client.SendAsync(drop);
            }
            catch (IOException)
            {
                return; // ended
            }

            await Task.WhenAny(status, Task.Delay(200));
        }

        Assert.True(status.IsCompleted, "the agent still listens");
        Assert.Contains(await status, (int[])[0, 408]);
    }

    private static async Task WaitAsync(Uri address)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).WaitAsync(Patience));
        }
        catch (SocketException)
        {
            return; // reset, which is an end as well
        }
    }
}
