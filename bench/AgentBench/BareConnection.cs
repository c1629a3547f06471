using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace EdgePrune.Bench.Agent;

/// <summary>One connection that sends prepared bytes and waits for the answer on the calling thread.</summary>
internal sealed class BareConnection : IDisposable
{
    private readonly TcpClient client;
    private readonly Stream stream;
    private readonly byte[] buffer = new byte[1 << 20];
    private readonly string host;

    public BareConnection(Uri address, SslClientAuthenticationOptions? authentication)
    {
        host = address.Authority;
        client = new TcpClient { NoDelay = true };
        client.Connect(address.Host, address.Port);
        stream = client.GetStream();
        if (authentication is not null)
        {
            var secured = new SslStream(stream);
            secured.AuthenticateAsClient(authentication);
            stream = secured;
        }
    }

    /// <summary>A whole request for inference.</summary>
    public byte[] Prepare(byte[] body, string type) =>
        [.. Encoding.ASCII.GetBytes($"POST /v1/infer HTTP/1.1\r\nHost: {host}\r\nContent-Type: {type}\r\nAccept: {type}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    /// <summary>Sends it and takes the whole answer in.</summary>
    public void Exchange(byte[] request)
    {
        stream.Write(request);
        int length = 0;
        int whole = int.MaxValue;
        while (length < whole)
        {
            int read = stream.Read(buffer, length, buffer.Length - length);
            length = read > 0 ? length + read : throw new IOException("the agent has closed the connection");
            int end = whole == int.MaxValue ? buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) : -1;
            if (end >= 0)
            {
                string head = Encoding.ASCII.GetString(buffer, 0, end);
                const string name = "Content-Length: ";
                int at = head.IndexOf(name, StringComparison.Ordinal) + name.Length;
                int stop = head.IndexOf('\r', at);
                whole = end + 4 + int.Parse(head[at..(stop < 0 ? head.Length : stop)], CultureInfo.InvariantCulture);
                if (!head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException(head);
                }
            }
        }
    }

    public void Dispose()
    {
        stream.Dispose();
        client.Dispose();
    }
}
