using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Tests.Service;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>A client that sends exactly the bytes that it is told to, over TLS.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket socket;
    private readonly SslStream stream;

    private RawClient(Socket socket, SslStream stream)
    {
        this.socket = socket;
        this.stream = stream;
    }

    /// <summary>Connects as a client that may do everything.</summary>
    public static async Task<RawClient> ConnectAsync(ServiceFixture agent)
    {
        IssuedCertificate issued = agent.Authority.IssueClient("raw", Enum.GetValues<AgentRole>(), TimeSpan.FromHours(1));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(agent.Authority.ToPem().Certificate));
        Uri address = agent.Address;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = address.Host,
            ClientCertificates = [X509Certificate2.CreateFromPem(issued.Certificate, issued.Key)],
            CertificateChainPolicy = policy,
        });
        return new RawClient(socket, stream);
    }

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes)
    {
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
    }

    /// <summary>The status of the next answer; 0 where the agent ends the connection instead.</summary>
    public async Task<int> StatusAsync()
    {
        try
        {
            byte[] start = new byte["HTTP/1.1 200".Length];
            int read = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false);
            return read == start.Length ? int.Parse(Encoding.ASCII.GetString(start)[^3..]) : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Ends the connection as a pulled cable and a reboot do.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public void Dispose() => stream.Dispose();
}
