using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Answers whatever it is asked with the same bytes.</summary>
internal sealed class CannedServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public CannedServer(string answer)
    {
        listener.Start();
        _ = Task.Run(() => ServeAsync(answer));
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose() => listener.Dispose();

    private async Task ServeAsync(string answer)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync();
                NetworkStream stream = client.GetStream();
                byte[] buffer = new byte[4096];
                _ = await stream.ReadAsync(buffer);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
                byte[] more = Encoding.ASCII.GetBytes(new string(' ', 1 << 16));
                for (int i = 0; answer.Contains("900000000", StringComparison.Ordinal) && i < 1000; i++)
                {
                    await stream.WriteAsync(more);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
