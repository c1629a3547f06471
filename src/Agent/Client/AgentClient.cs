using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Client;

/// <summary>
/// An agent as its clients see it. Each request goes out with the certificate of the role that it needs; see
/// <see cref="AgentException"/> for what can go wrong.
/// </summary>
public sealed class AgentClient : IDisposable
{
    private const int PieceBytes = 1 << 20;
    private const int MaxResultBytes = 64 << 20;
    private const int MaxTries = 8;
    private static readonly TimeSpan Ordinary = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Deploying = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Agents send something every 15 s at least.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true };

    private readonly ClientKeys? _keys;
    private readonly Dictionary<AgentRole, AgentConnection> _connections = [];
    private readonly TimeProvider _time;

    private AgentClient(Uri address, ClientKeys? keys, TimeProvider time)
    {
        Address = address;
        _keys = keys;
        _time = time;
    }

    /// <summary>Where the agent is.</summary>
    public Uri Address { get; }

    /// <param name="address">
    /// For example <c>https://camera-3.local:8480</c>, or <c>https://fleet.example:8490/devices/camera-3</c> through a controller; plain
    /// http is for an agent on a loopback address.
    /// </param>
    /// <param name="keysFolder">A folder that <c>edgeprune keys</c> has made; null for plain http.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <exception cref="InputException">The address is none, or the keys are not usable.</exception>
    public static AgentClient Open(string address, string? keysFolder, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new InputException($"'{Printable.Name(address)}' is no address of an agent; give for example https://camera-3.local:8480, or https://fleet.example:8490/devices/camera-3 for one behind a controller");
        }

        // Requests are made below it, which the last segment would otherwise not be part of.
        uri = new UriBuilder(uri) { Path = uri.AbsolutePath.TrimEnd('/') + "/" }.Uri;

        bool secure = uri.Scheme == "https";
        if (!secure && !IsLoopback(uri))
        {
            throw new InputException($"{uri} is plain http, which agents speak on their own loopback address alone; give https://…");
        }

        if (secure && keysFolder is null)
        {
            throw new InputException($"{uri} needs certificates; name the folder that 'edgeprune keys' has made with --keys");
        }

        return new AgentClient(uri, secure ? ClientKeys.Load(keysFolder!, time) : null, time);
    }

    /// <summary>What the device is. Role measure.</summary>
    public Task<AgentDevice> GetDeviceAsync(CancellationToken cancellationToken) => As(AgentRole.Measure).GetAsync<AgentDevice>("v1/device", cancellationToken);

    /// <summary>Which model serves. Any role.</summary>
    public Task<AgentModel> GetModelAsync(CancellationToken cancellationToken) => As(AgentRole.Measure).GetAsync<AgentModel>("v1/model", cancellationToken);

    /// <summary>Sends a bundle, going on where it stood when the connection breaks. Role deploy.</summary>
    /// <returns>The upload's name.</returns>
    public Task<string> UploadBundleAsync(string path, IProgress<double>? progress, CancellationToken cancellationToken) =>
        UploadAsync(As(AgentRole.Deploy), "v1/uploads", path, progress, cancellationToken);

    /// <summary>Sends a model that is to be measured and never served; otherwise as <see cref="UploadBundleAsync"/>. Role measure.</summary>
    public Task<string> UploadModelAsync(string path, IProgress<double>? progress, CancellationToken cancellationToken) =>
        UploadAsync(As(AgentRole.Measure), "v1/jobs/uploads", path, progress, cancellationToken);

    /// <summary>Gives up a bundle that was sent. One that is not there any more is as good. Role deploy.</summary>
    public Task DeleteBundleAsync(string upload, CancellationToken cancellationToken) =>
        DeleteUploadAsync(As(AgentRole.Deploy), "v1/uploads", upload, cancellationToken);

    /// <summary>Gives up a model that was sent to be measured. One that is not there any more is as good. Role measure.</summary>
    public Task DeleteModelAsync(string upload, CancellationToken cancellationToken) =>
        DeleteUploadAsync(As(AgentRole.Measure), "v1/jobs/uploads", upload, cancellationToken);

    /// <summary>Brings an uploaded bundle into service on probation and leaves the decision to this client. Role deploy.</summary>
    public Task<AgentDeployment> DeployAsync(string upload, string? note, CancellationToken cancellationToken) =>
        As(AgentRole.Deploy).PostAsync<AgentDeployment>("v1/deployments", new { upload, note, wait = "decide" }, Deploying, cancellationToken);

    /// <summary>The latest deployments, oldest first. Role deploy.</summary>
    public Task<IReadOnlyList<AgentDeployment>> GetDeploymentsAsync(CancellationToken cancellationToken) =>
        As(AgentRole.Deploy).GetAsync<IReadOnlyList<AgentDeployment>>("v1/deployments", cancellationToken);

    /// <summary>Keeps the model on probation. Doing it twice is as doing it once. Role deploy.</summary>
    public Task<AgentDeployment> CommitAsync(string id, CancellationToken cancellationToken) => DecideAsync(id, "commit", "committed", null, cancellationToken);

    /// <summary>Puts the model before the one on probation back. Doing it twice is as doing it once. Role deploy.</summary>
    public Task<AgentDeployment> RollBackAsync(string id, string reason, CancellationToken cancellationToken) =>
        DecideAsync(id, "rollback", "rolled-back", new { reason }, cancellationToken);

    /// <summary>Puts the previous model back in place of a committed one. Role deploy.</summary>
    public Task<AgentModel> RollBackToPreviousAsync(string reason, CancellationToken cancellationToken) =>
        As(AgentRole.Deploy).PostAsync<AgentModel>("v1/rollback", new { reason }, Ordinary, cancellationToken);

    /// <summary>Asks for a measurement. Role measure.</summary>
    public Task<AgentJob> StartJobAsync(AgentJobRequest request, CancellationToken cancellationToken) =>
        As(AgentRole.Measure).PostAsync<AgentJob>("v1/jobs", request, Ordinary, cancellationToken);

    /// <summary>Where a measurement stands. Role measure.</summary>
    public Task<AgentJob> GetJobAsync(string id, CancellationToken cancellationToken) => As(AgentRole.Measure).GetAsync<AgentJob>($"v1/jobs/{Uri.EscapeDataString(id)}", cancellationToken);

    /// <summary>Cancels a measurement. Role measure.</summary>
    public Task CancelJobAsync(string id, CancellationToken cancellationToken) => As(AgentRole.Measure).DeleteAsync($"v1/jobs/{Uri.EscapeDataString(id)}", cancellationToken);

    /// <summary>The document that a finished measurement has made. Role measure.</summary>
    public Task<byte[]> GetJobResultAsync(string id, CancellationToken cancellationToken) =>
        As(AgentRole.Measure).GetBytesAsync($"v1/jobs/{Uri.EscapeDataString(id)}/result", MaxResultBytes, cancellationToken);

    /// <summary>Waits until a measurement has ended, also across a restart of the agent. Role measure.</summary>
    /// <param name="id">The measurement.</param>
    /// <param name="progress">Told where it stands.</param>
    /// <param name="cancellationToken">Ends the waiting; the measurement goes on.</param>
    public async Task<AgentJob> WaitForJobAsync(string id, Action<AgentJob>? progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            AgentJob job = await GetJobAsync(id, cancellationToken).ConfigureAwait(false);
            progress?.Invoke(job);
            if (job.HasEnded())
            {
                return job;
            }

            try
            {
                await foreach (AgentJob now in EventsAsync<AgentJob>($"v1/jobs/{Uri.EscapeDataString(id)}/events", cancellationToken).ConfigureAwait(false))
                {
                    progress?.Invoke(now);
                    if (now.HasEnded())
                    {
                        return now;
                    }
                }
            }
            catch (AgentException e) when (e.Failure == AgentFailure.Unreachable)
            {
                // The next look tells whether the agent is still there, and repeats itself for a while.
            }

            await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The board's power, about once a second, for as long as somebody reads. Role measure.</summary>
    public IAsyncEnumerable<JsonElement> PowerAsync(CancellationToken cancellationToken) => EventsAsync<JsonElement>("v1/power", cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (AgentConnection connection in _connections.Values)
        {
            connection.Dispose();
        }

        _keys?.Dispose();
    }

    private static bool IsLoopback(Uri uri) => uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static async Task DeleteUploadAsync(AgentConnection connection, string place, string upload, CancellationToken cancellationToken)
    {
        try
        {
            await connection.DeleteAsync($"{place}/{Uri.EscapeDataString(upload)}", cancellationToken).ConfigureAwait(false);
        }
        catch (AgentException e) when (e.Failure == AgentFailure.Missing)
        {
            // Gone is what was asked for.
        }
    }

    private AgentConnection As(AgentRole role)
    {
        if (!_connections.TryGetValue(role, out AgentConnection? connection))
        {
            _connections[role] = connection = new AgentConnection(Address, _keys, role, _time);
        }

        return connection;
    }

    private async Task<AgentDeployment> DecideAsync(string id, string what, string wanted, object? body, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await As(AgentRole.Deploy).PostAsync<AgentDeployment>($"v1/deployments/{Uri.EscapeDataString(id)}/{what}", body, Ordinary, cancellationToken).ConfigureAwait(false);
            }
            catch (AgentException e) when (e.Failure is AgentFailure.Unreachable or AgentFailure.Refused)
            {
                // The answer may have been lost after the deed.
                AgentDeployment now = await As(AgentRole.Deploy).GetAsync<AgentDeployment>($"v1/deployments/{Uri.EscapeDataString(id)}", cancellationToken).ConfigureAwait(false);
                if (now.State == wanted)
                {
                    return now;
                }

                if (e.Failure == AgentFailure.Refused || attempt == MaxTries)
                {
                    throw;
                }
            }
        }
    }

    private async Task<string> UploadAsync(AgentConnection connection, string place, string path, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        await using (file.ConfigureAwait(false))
        {
            long size = file.Length;
            byte[] buffer = new byte[(int)Math.Min(PieceBytes, Math.Max(size, 1))];
            AgentUpload upload = await connection.PostAsync<AgentUpload>(place, new { size }, Ordinary, cancellationToken).ConfigureAwait(false);
            string mine = $"{place}/{Uri.EscapeDataString(upload.Id)}";
            for (int failures = 0; upload.Offset < size;)
            {
                if (upload.Offset < 0 || upload.Size != size)
                {
                    throw new AgentException(AgentFailure.Protocol, $"the agent at {Address} says that an upload of {size} bytes stands at {upload.Offset} of {upload.Size}");
                }

                file.Position = upload.Offset;
                int read = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                try
                {
                    upload = await connection.PatchAsync(mine, upload.Offset, buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                    failures = 0;
                }
                catch (AgentException e) when (e.Failure is AgentFailure.Unreachable or AgentFailure.Refused && ++failures <= MaxTries)
                {
                    // A piece that broke off may have come in part, and the request that brought it may still be open there.
                    await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(false);
                    upload = await connection.GetAsync<AgentUpload>(mine, cancellationToken).ConfigureAwait(false);
                }

                progress?.Report((double)upload.Offset / size);
            }

            return upload.Id;
        }
    }

    private async IAsyncEnumerable<T> EventsAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await As(AgentRole.Measure).OpenEventsAsync(path, cancellationToken).ConfigureAwait(false);
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            IAsyncEnumerator<string> events = EventReader.ReadAsync(stream, quiet.Token).GetAsyncEnumerator(quiet.Token);
            await using (events.ConfigureAwait(false))
            {
                while (true)
                {
                    quiet.CancelAfter(Silence);
                    if (!await NextAsync(events, cancellationToken).ConfigureAwait(false))
                    {
                        yield break;
                    }

                    yield return Parse<T>(events.Current);
                }
            }
        }
    }

    private async Task<bool> NextAsync(IAsyncEnumerator<string> events, CancellationToken cancellationToken)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentException(AgentFailure.Unreachable, $"the agent at {Address} has sent nothing for {Silence.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new AgentException(AgentFailure.Unreachable, $"the agent at {Address} broke the connection off: {e.Message}", e);
        }
    }

    private T Parse<T>(string data)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(data, Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new AgentException(AgentFailure.Protocol, $"what answers at {Address} sends events that no agent of this version sends: {e.Message}", e);
        }
    }
}
