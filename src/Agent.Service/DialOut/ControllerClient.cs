using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Fleet;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>Asks the controller, by its API (<see cref="FleetApi"/>), and remembers the newest lease.</summary>
internal sealed class ControllerClient : IDisposable
{
    private const int MaxAnswerBytes = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // longer than the controller lets a question wait
    private static readonly TimeSpan SocketPatience = TimeSpan.FromSeconds(15);

    private readonly ControllerAddress address;
    private readonly Func<LeaseRequest> self;
    private readonly HttpClient client;
    private readonly X509Certificate2 authority;
    private long token;

    /// <param name="address">Where, and who this is.</param>
    /// <param name="self">What is said of the device with each lease.</param>
    /// <exception cref="InputException">A certificate is not usable.</exception>
    public ControllerClient(ControllerAddress address, Func<LeaseRequest> self)
    {
        this.address = address;
        this.self = self;
        try
        {
            authority = X509CertificateLoader.LoadCertificateFromFile(address.Authority);
            X509Certificate2 own = X509Certificate2.CreateFromPemFile(address.Certificate, address.Key);
            client = new HttpClient(new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(15),
                PooledConnectionLifetime = TimeSpan.FromMinutes(15), // a name may come to mean another address
                SslOptions = new SslClientAuthenticationOptions
                {
                    ClientCertificates = [own],
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsController(certificate as X509Certificate2, errors),
                },
            })
            {
                BaseAddress = address.Url,
                Timeout = Patience,
                MaxResponseContentBufferSize = MaxAnswerBytes,
            };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the certificates for the controller are not usable: {e.Message}", e);
        }
    }

    /// <summary>Of the newest lease; 0: there is none.</summary>
    public long Token => Interlocked.Read(ref token);

    /// <summary>Takes the lease and opens the connection over which the controller asks.</summary>
    /// <exception cref="HttpRequestException">The controller cannot be reached, or refuses.</exception>
    /// <exception cref="WebSocketException">Likewise.</exception>
    public async Task<WebSocketStream> ConnectAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync(FleetApi.Lease, self(), cancellationToken).ConfigureAwait(false);
        await ThrowIfRefusedAsync(response, cancellationToken).ConfigureAwait(false);
        LeaseAnswer lease = await response.Content.ReadFromJsonAsync<LeaseAnswer>(cancellationToken).ConfigureAwait(false)
            ?? throw new HttpRequestException("the controller's answer is empty");
        Interlocked.Exchange(ref token, lease.Token);
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.KeepAliveInterval = SocketPatience;
            socket.Options.KeepAliveTimeout = SocketPatience;
            socket.Options.SetRequestHeader(FleetApi.TokenHeader, lease.Token.ToString(CultureInfo.InvariantCulture));
            var target = new UriBuilder(new Uri(address.Url, FleetApi.Connect)) { Scheme = "wss" };
            await socket.ConnectAsync(target.Uri, client, cancellationToken).ConfigureAwait(false);
            return WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a revision that exceeds one.</summary>
    /// <returns>It; null where none has come for a while.</returns>
    /// <exception cref="StaleLeaseException">Another process has taken the lease.</exception>
    public async Task<DesiredAnswer?> DesiredAsync(long after, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, $"{FleetApi.Desired}?after={after.ToString(CultureInfo.InvariantCulture)}", null, cancellationToken).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.NoContent ? null : await response.Content.ReadFromJsonAsync<DesiredAnswer>(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches a bundle into a file; what comes is checked against its digest.</summary>
    /// <exception cref="InputException">It is larger than the device takes.</exception>
    /// <exception cref="HttpRequestException">It did not come whole.</exception>
    public async Task FetchAsync(DesiredAnswer wanted, long maxBytes, Stream target, CancellationToken cancellationToken)
    {
        if (wanted.Size > maxBytes)
        {
            throw new InputException($"the bundle has {wanted.Size} bytes; this device takes {maxBytes}");
        }

        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, FleetApi.Bundles + Uri.EscapeDataString(wanted.Bundle), null, cancellationToken).ConfigureAwait(false);
        Stream source = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[1 << 16];
            long size = 0;
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            for (; ; )
            {
                silence.CancelAfter(Patience);
                int read = await source.ReadAsync(buffer, silence.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                size += read;
                if (size > wanted.Size)
                {
                    throw new HttpRequestException("more of the bundle comes than was announced");
                }

                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            if (size != wanted.Size || Convert.ToHexStringLower(hash.GetHashAndReset()) != wanted.Bundle)
            {
                throw new HttpRequestException("the bundle has not come whole");
            }
        }
    }

    /// <summary>Tells what became of a revision.</summary>
    /// <exception cref="StaleLeaseException">Another process has taken the lease.</exception>
    public async Task ReportAsync(ResultReport report, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(report);
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, FleetApi.Results, content, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        client.Dispose();
        authority.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Add(FleetApi.TokenHeader, Token.ToString(CultureInfo.InvariantCulture));
        HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        try
        {
            await ThrowIfRefusedAsync(response, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.Conflict)
        {
            throw new StaleLeaseException();
        }

        if (!response.IsSuccessStatusCode)
        {
            string text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            throw new HttpRequestException($"the controller answers with {(int)response.StatusCode}: {Printable.Name(text.Length > 300 ? text[..300] : text)}");
        }
    }

    // Its name must fit and the authority must have issued it, to a controller: any other server of the site is none.
    private bool IsController(X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) || !RoleNames.Of(certificate).Contains(AgentRole.Controller))
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }
}
