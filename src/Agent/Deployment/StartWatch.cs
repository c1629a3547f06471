using System.Text.Json;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Deployment;

/// <summary>
/// Counts the starts of a service that ended without a stop soon after a model was loaded, so that a model that brings the
/// service down each time is found out though nothing is left running to tell. A power cut looks the same, which is why it
/// takes several in a row. Where the folder cannot be written nothing is counted: serving is worth more. Safe for several threads.
/// </summary>
public sealed class StartWatch : IDisposable
{
    private const string StateName = "starts.json";
    private const string BadName = "bad-models.json";
    private const int MaxStateBytes = 4096;
    private const int MaxBadBytes = 1 << 20;
    private const int MaxBad = 256;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly TimeSpan _window;
    private readonly TimeProvider _time;
    private readonly List<BadModel> _bad;
    private StartState? _state;
    private ITimer? _stable;

    /// <param name="folder">Where the counts are kept.</param>
    /// <param name="window">How soon after loading a crash is blamed on the model.</param>
    /// <param name="time">The clock; null: the system's.</param>
    public StartWatch(string folder, TimeSpan window, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
        _window = window;
        _time = time ?? TimeProvider.System;
        _state = Read(StateName, MaxStateBytes, b => JsonSerializer.Deserialize(b, StartJson.Default.StartState));
        _bad = [.. Read(BadName, MaxBadBytes, b => JsonSerializer.Deserialize(b, StartJson.Default.BadModelArray)) ?? []];
    }

    /// <summary>Says that a model is about to be loaded by a service that has just started.</summary>
    /// <returns>How many starts with it have crashed before, one after the other.</returns>
    public int Begin(ModelDigest digest)
    {
        ArgumentNullException.ThrowIfNull(digest);
        lock (_lock)
        {
            string name = digest.ToString();
            int crashes = _state is { } before && before.Digest == name && !before.IsStable ? before.Crashes + (before.IsRunning ? 1 : 0) : 0;
            Write(new StartState(name, crashes, IsRunning: true, IsStable: false));
            return crashes;
        }
    }

    /// <summary>Says that a model serves from now on.</summary>
    public void Serves(ModelDigest digest)
    {
        ArgumentNullException.ThrowIfNull(digest);
        lock (_lock)
        {
            string name = digest.ToString();
            if (_state?.Digest != name || !_state.IsRunning)
            {
                Write(new StartState(name, 0, IsRunning: true, IsStable: false));
            }

            _stable?.Dispose();
            _stable = _time.CreateTimer(_ => Settle(name), null, _window, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Says that the service stops because it was told to, or serves nothing any more.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stable?.Dispose();
            _stable = null;
            if (_state is { IsRunning: true } state)
            {
                Write(state with { IsRunning = false });
            }
        }
    }

    /// <summary>Whether a model is known to bring the service down.</summary>
    public bool IsBad(ModelDigest digest, out string reason)
    {
        ArgumentNullException.ThrowIfNull(digest);
        lock (_lock)
        {
            BadModel? bad = _bad.Find(b => b.Digest == digest.ToString());
            reason = bad is null ? "" : $"{bad.Reason} ({bad.Time:u})";
            return bad is not null;
        }
    }

    /// <summary>Remembers a model as bad.</summary>
    public void Condemn(ModelDigest digest, string reason)
    {
        ArgumentNullException.ThrowIfNull(digest);
        lock (_lock)
        {
            _bad.RemoveAll(b => b.Digest == digest.ToString());
            _bad.Add(new BadModel(digest.ToString(), _time.GetUtcNow(), reason));
            _bad.RemoveRange(0, Math.Max(0, _bad.Count - MaxBad));
            WriteBad();
        }
    }

    /// <summary>Forgets that a model was bad, because somebody wants it again and says so.</summary>
    public void Pardon(ModelDigest digest)
    {
        ArgumentNullException.ThrowIfNull(digest);
        lock (_lock)
        {
            if (_bad.RemoveAll(b => b.Digest == digest.ToString()) > 0)
            {
                WriteBad();
            }
        }
    }

    /// <summary>Ends the timer; writes nothing, see <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stable?.Dispose();
            _stable = null;
        }
    }

    private void Settle(string name)
    {
        lock (_lock)
        {
            if (_stable is not null && _state is { IsRunning: true } state && state.Digest == name)
            {
                Write(state with { Crashes = 0, IsStable = true });
            }
        }
    }

    private void WriteBad() => WriteFile(BadName, JsonSerializer.SerializeToUtf8Bytes([.. _bad], StartJson.Default.BadModelArray));

    private void Write(StartState state)
    {
        _state = state;
        WriteFile(StateName, JsonSerializer.SerializeToUtf8Bytes(state, StartJson.Default.StartState));
    }

    private void WriteFile(string name, byte[] bytes)
    {
        try
        {
            AtomicFile.WriteBytes(Path.Combine(_folder, name), bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            // A disk that is full or read-only must not keep the model from serving.
        }
    }

    // A damaged count is no count; what it counts will happen again.
    private T? Read<T>(string name, int maxBytes, Func<byte[], T?> parse)
        where T : class
    {
        try
        {
            return SmallFile.TryRead(Path.Combine(_folder, name), maxBytes, "what is known about starts", out byte[] bytes) ? parse(bytes) : null;
        }
        catch (Exception e) when (e is JsonException or InputException)
        {
            return null;
        }
    }
}
