using System.Net;
using System.Net.Sockets;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>A cable to a port of this machine that breaks when so many bytes have gone to it, once for each number given.</summary>
internal sealed class BrokenLink : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Queue<long> breaks;
    private readonly int target;

    public BrokenLink(int target, IEnumerable<long> breakAfter)
    {
        this.target = target;
        breaks = new Queue<long>(breakAfter);
        listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public int Broken { get; private set; }

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync();
                _ = Task.Run(() => CarryAsync(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
        {
            using var far = new TcpClient();
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, target);
                Task back = far.GetStream().CopyToAsync(client.GetStream());
                byte[] buffer = new byte[4096];
                long sent = 0;
                for (int read; (read = await client.GetStream().ReadAsync(buffer)) > 0;)
                {
                    sent += read;
                    if (breaks.TryPeek(out long most) && sent > most)
                    {
                        breaks.Dequeue();
                        Broken++;
                        client.LingerState = new LingerOption(true, 0);
                        far.LingerState = new LingerOption(true, 0);
                        return;
                    }

                    await far.GetStream().WriteAsync(buffer.AsMemory(0, read));
                }

                await back;
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // Either end hung up.
            }
        }
    }
}
