using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>Stands where systemd would: receives what a service tells it.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <param name="address">A path, or a name in the abstract namespace with <c>@</c> before it.</param>
    public NotifySocket(string address)
    {
        Address = address;
        socket.Bind(new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
    }

    public string Address { get; }

    /// <summary>The next message.</summary>
    public async Task<string> NextAsync(TimeSpan patience)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(patience);
        byte[] buffer = new byte[4096];
        int length = await socket.ReceiveAsync(buffer, end.Token);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>The next message that begins so; those before it are passed over.</summary>
    public async Task<string> NextAsync(string beginning)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < TimeSpan.FromSeconds(30))
        {
            string message = await NextAsync(TimeSpan.FromSeconds(30));
            if (message.StartsWith(beginning, StringComparison.Ordinal))
            {
                return message;
            }
        }

        throw new TimeoutException(beginning);
    }

    /// <summary>Takes what lies there already.</summary>
    public void Drain()
    {
        while (socket.Available > 0)
        {
            socket.Receive(new byte[4096]);
        }
    }

    public bool IsSilent => socket.Available == 0;

    public void Dispose() => socket.Dispose();
}
