using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgePrune.Agent.Certificates;

namespace EdgePrune.Agent.Client;

/// <summary>
/// Requests to one agent under one role. Trusts the site's own authority and nothing else, follows no redirect, reads no answer
/// that is longer than it can need to be, and repeats what may be repeated when the connection or the agent fails for a moment.
/// </summary>
internal sealed class AgentConnection : IDisposable
{
    public const int MaxAnswerBytes = 8 << 20;
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)];
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, MaxDepth = 32 };

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly ClientKeys? _keys;
    private readonly AgentRole _role;
    private readonly TimeProvider _time;

    /// <param name="address">The agent's address, with a slash at its end; paths are relative to it.</param>
    /// <param name="keys">The client's keys; null for an agent on a loopback address without TLS.</param>
    /// <param name="role">What the requests need.</param>
    /// <param name="time">Measures the pauses.</param>
    public AgentConnection(Uri address, ClientKeys? keys, AgentRole role, TimeProvider time)
    {
        _address = address;
        _keys = keys;
        _role = role;
        _time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = ConnectLimit,
            MaxResponseHeadersLength = 16,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        if (keys is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(keys.Authority);
            X509Certificate2 own = keys.Of(role);
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificates = [own],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => own,
            };
        }

        _http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Reads what a path holds.</summary>
    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        SendAsync<T>(() => new HttpRequestMessage(HttpMethod.Get, path), repeatable: true, TimeSpan.FromSeconds(30), cancellationToken);

    /// <summary>Reads bytes, at most so many.</summary>
    public async Task<byte[]> GetBytesAsync(string path, int maxBytes, CancellationToken cancellationToken) =>
        await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), repeatable: true, TimeSpan.FromMinutes(5), maxBytes, cancellationToken).ConfigureAwait(false);

    /// <summary>Asks for something to be made or done; not repeated once it may have arrived.</summary>
    public Task<T> PostAsync<T>(string path, object? body, TimeSpan limit, CancellationToken cancellationToken) =>
        SendAsync<T>(() => new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Json) }, repeatable: false, limit, cancellationToken);

    public async Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        await SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, path), repeatable: true, TimeSpan.FromSeconds(30), MaxAnswerBytes, cancellationToken).ConfigureAwait(false);

    /// <summary>Sends a piece of an upload once; its caller finds out where the upload stands and goes on.</summary>
    public Task<AgentUpload> PatchAsync(string path, long offset, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken) =>
        SendAsync<AgentUpload>(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new ReadOnlyMemoryContent(piece) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
                return request;
            },
            repeatable: false,
            TimeSpan.FromMinutes(5),
            cancellationToken);

    /// <summary>Opens a stream of events. Throws as the others do where it cannot be opened.</summary>
    public async Task<HttpResponseMessage> OpenEventsAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        try
        {
            HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw Refusal(response, await ReadAsync(response, MaxAnswerBytes, cancellationToken).ConfigureAwait(false));
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unreachable(e);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(Func<HttpRequestMessage> make, bool repeatable, TimeSpan limit, CancellationToken cancellationToken)
    {
        byte[] bytes = await SendAsync(make, repeatable, limit, MaxAnswerBytes, cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new AgentException(AgentFailure.Protocol, $"what answers at {_address} is no agent of this version: {e.Message}", e);
        }
    }

    private async Task<byte[]> SendAsync(Func<HttpRequestMessage> make, bool repeatable, TimeSpan limit, int maxBytes, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(make, limit, maxBytes, cancellationToken).ConfigureAwait(false);
            }
            catch (AgentException e) when (attempt < Pauses.Length && IsPassing(e, repeatable))
            {
                TimeSpan pause = Pauses[attempt] * (0.75 + (Random.Shared.NextDouble() / 2));
                await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // What never reached the agent may be sent again in any case.
    private static bool IsPassing(AgentException e, bool repeatable) =>
        e.Failure == AgentFailure.Unreachable
        && (repeatable || e.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError });

    private async Task<byte[]> SendOnceAsync(Func<HttpRequestMessage> make, TimeSpan limit, int maxBytes, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = make();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(limit);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, late.Token).ConfigureAwait(false);
            byte[] bytes = await ReadAsync(response, maxBytes, late.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? bytes : throw Refusal(response, bytes);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentException(AgentFailure.Unreachable, $"the agent at {_address} does not answer within {limit.TotalSeconds:0} s; is it overloaded?", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unreachable(e);
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var bytes = new MemoryStream();
            byte[] buffer = new byte[1 << 14];
            for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                if (bytes.Length + read > maxBytes)
                {
                    throw new AgentException(AgentFailure.Protocol, $"what answers at {_address} sends more than the {maxBytes} bytes that such an answer can have");
                }

                bytes.Write(buffer, 0, read);
            }

            return bytes.ToArray();
        }
    }

    private AgentException Refusal(HttpResponseMessage response, byte[] body)
    {
        int status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
        {
            return new AgentException(AgentFailure.Protocol, $"what answers at {_address} wants to redirect, which agents do not do; give the agent's own address");
        }

        string reason = Reason(body) ?? $"status {status}";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new AgentException(AgentFailure.Unauthorized, $"the agent at {_address} refuses this client: {reason}"),
            HttpStatusCode.NotFound => new AgentException(AgentFailure.Missing, $"the agent at {_address}: {reason}"),
            HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests => new AgentException(AgentFailure.Unreachable, $"the agent at {_address} cannot answer now: {reason}"),
            _ => new AgentException(AgentFailure.Refused, $"the agent at {_address} refuses: {reason}"),
        };
    }

    private static string? Reason(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<AgentError>(body, Json)?.Message;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private AgentException Unreachable(Exception e)
    {
        string detail = (e.InnerException ?? e).Message;
        if (e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } || e.InnerException is AuthenticationException)
        {
            return new AgentException(
                AgentFailure.Untrusted,
                _keys is null
                    ? $"no secure connection to {_address}: {detail}"
                    : $"the agent at {_address} could not prove itself with a certificate of the authority {_keys.AuthorityPath}, for this host, or does not accept ours ({RoleNames.WordOf(_role)}): {detail}",
                e);
        }

        return new AgentException(
            AgentFailure.Unreachable,
            $"the agent at {_address} cannot be reached: {detail}{(_keys is null ? "" : $"; does it run there, and does it accept certificates of {_keys.AuthorityPath}?")}",
            e);
    }
}
