using System.Text.Json;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Trust;

/// <summary>
/// What a device trusts, in a folder of its own: the root in force, the newest timestamp, the bundles accepted so far.
/// Each is one file that is replaced atomically, so a power cut leaves the old or the new. Safe for several threads.
/// </summary>
public sealed class TrustStore
{
    private const int MaxStateBytes = 4 << 20;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly TimeSpan _clockSkew;
    private TrustState _state;
    private TrustedRoot _root;
    private TimestampMetadata? _timestamp;

    private TrustStore(string folder, TrustedRoot root, TrustState state, TimeProvider time, TimeSpan clockSkew)
    {
        _folder = folder;
        _root = root;
        _state = state;
        _time = time;
        _clockSkew = clockSkew;
    }

    /// <summary>The root in force.</summary>
    public TrustedRoot Root
    {
        get
        {
            lock (_lock)
            {
                return _root;
            }
        }
    }

    /// <summary>Opens the folder; makes it, with the pinned root in force, where it is not there.</summary>
    /// <param name="folder">The device's own, not writable by others.</param>
    /// <param name="pinnedRoot">The root that came with the device, by a way that is trusted. It counts until a newer one is in force.</param>
    /// <param name="time">The device's clock.</param>
    /// <param name="clockSkew">How far signers' clocks may be ahead of the device's; null: ten minutes.</param>
    /// <exception cref="InputException">A root is not usable, or a file in the folder is damaged; nothing is forgotten silently.</exception>
    public static TrustStore Open(string folder, Envelope pinnedRoot, TimeProvider? time = null, TimeSpan? clockSkew = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(pinnedRoot);
        string full = Path.GetFullPath(folder);
        DurableDirectory.Create(full);
        RemoveTemporaries(full);
        TrustedRoot root = OpenRoot(full, pinnedRoot);
        var store = new TrustStore(full, root, OpenState(full), time ?? TimeProvider.System, clockSkew ?? TimeSpan.FromMinutes(10));
        store._timestamp = store.OpenTimestamp();
        return store;
    }

    /// <summary>Puts the next root in force. Keys that it no longer names count for nothing from now on.</summary>
    /// <exception cref="InputException">It does not follow from the root in force. Nothing has changed.</exception>
    public void UpdateRoot(Envelope envelope)
    {
        lock (_lock)
        {
            TrustedRoot next = _root.Next(envelope);
            ThrowIfFromTheFuture(next.Metadata.Issued, $"root {next.Metadata.Version}");
            AtomicFile.WriteBytes(RootPath(_folder), envelope.ToBytes());
            _root = next;
            _timestamp = OpenTimestamp(); // one that only revoked keys have signed is dropped, with its version
        }
    }

    /// <summary>Takes a newer timestamp.</summary>
    /// <exception cref="InputException">It is not signed, not newer, or has expired. Nothing has changed.</exception>
    public void UpdateTimestamp(Envelope envelope)
    {
        lock (_lock)
        {
            ThrowIfRootExpired();
            TimestampMetadata next = ReadTimestamp(envelope);
            string what = $"timestamp {next.Version}";
            ThrowIfFromTheFuture(next.Issued, what);
            ThrowIfExpired(next.Expires, what, "get a newer one");
            if (_timestamp is { } before)
            {
                if (CanonicalJson.Write(before, TrustJson.Default.TimestampMetadata).AsSpan().SequenceEqual(envelope.Payload.Span))
                {
                    return;
                }

                if (next.Version <= before.Version)
                {
                    throw new InputException($"{what} is refused: {before.Version} has been seen already, and time does not go back");
                }

                ThrowIfLeap(next.Version, before.Version, what);
                ThrowIfTakesBack(next, before, what);
            }

            AtomicFile.WriteBytes(TimestampPath(_folder), envelope.ToBytes());
            _timestamp = next;
        }
    }

    /// <summary>Whether this device would know of a newer bundle; false with the reason where somebody may be keeping it from it.</summary>
    public bool IsUpToDate(out string reason)
    {
        lock (_lock)
        {
            DateTimeOffset now = _time.GetUtcNow();
            reason = now >= _root.Metadata.Expires ? $"root {_root.Metadata.Version} has expired on {_root.Metadata.Expires:u}"
                : _root.Metadata.Roles.Timestamp is null ? ""
                : _timestamp is null ? "no timestamp has come"
                : now >= _timestamp.Expires ? $"timestamp {_timestamp.Version} has expired on {_timestamp.Expires:u} and no newer one has come"
                : "";
            return reason.Length == 0;
        }
    }

    /// <summary>The newest bundle of a model that has been accepted and that the root in force still trusts; null: none.</summary>
    public AcceptedBundle? NewestAccepted(string name)
    {
        lock (_lock)
        {
            return _state.Accepted.Where(a => a.Name == name && _root.StillTrusts(a)).MaxBy(a => a.Version);
        }
    }

    /// <summary>Checks signatures by the bundle role, before anything of the payload is looked at.</summary>
    internal IReadOnlyList<string> VerifyBundle(Envelope envelope, string payloadType)
    {
        lock (_lock)
        {
            ThrowIfRootExpired();
            TrustedRoot.ThrowIfNotOfType(envelope, payloadType, "the bundle");
            return _root.Verify(envelope, SigningRole.Bundle, "the bundle");
        }
    }

    /// <summary>Checks that a bundle is not older than what has been seen, not from the future, not expired.</summary>
    internal void CheckFreshness(AcceptedBundle candidate, DateTimeOffset expires)
    {
        lock (_lock)
        {
            string what = $"the bundle '{candidate.Name}' version {candidate.Version}";
            ThrowIfFromTheFuture(candidate.Issued, what);
            ThrowIfExpired(expires, what, "sign a new one");
            if (NewestAccepted(candidate.Name) is { } newest)
            {
                ThrowIfOlder(candidate, newest, what);
                ThrowIfLeap(candidate.Version, newest.Version, what);
            }

            ThrowIfNotAnnounced(candidate, what);
        }
    }

    /// <summary>Remembers a bundle, durably, once every byte of it has been checked.</summary>
    internal void Accept(AcceptedBundle bundle, DateTimeOffset expires)
    {
        lock (_lock)
        {
            CheckFreshness(bundle, expires); // another may have been accepted while this one came in
            if (NewestAccepted(bundle.Name)?.Manifest == bundle.Manifest)
            {
                return;
            }

            TrustState next = _state.With(bundle);
            AtomicFile.WriteBytes(StatePath(_folder), CanonicalJson.Write(next, TrustJson.Default.TrustState));
            _state = next;
        }
    }

    private static void ThrowIfOlder(AcceptedBundle candidate, AcceptedBundle newest, string what)
    {
        if (candidate.Version < newest.Version)
        {
            throw new InputException($"{what} is refused: version {newest.Version} has been accepted before, and this device does not go back; use 'rollback', or sign the old model as a new version");
        }

        if (candidate.Version == newest.Version && candidate.Manifest != newest.Manifest)
        {
            throw new InputException($"{what} is refused: another bundle of that version has been accepted before; give it a new version");
        }
    }

    // What a process left that was killed while it wrote. Another that writes now, by mistake, gets an error and nothing worse.
    private static void RemoveTemporaries(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, AtomicFile.TemporaryPrefix + "*.tmp").ToList())
        {
            File.Delete(path);
        }
    }

    private static string RootPath(string folder) => Path.Combine(folder, "root.json");

    private static string TimestampPath(string folder) => Path.Combine(folder, "timestamp.json");

    private static string StatePath(string folder) => Path.Combine(folder, "accepted.json");

    private static TrustedRoot OpenRoot(string folder, Envelope pinnedRoot)
    {
        TrustedRoot pinned = TrustedRoot.Pin(pinnedRoot);
        if (!SmallFile.TryRead(RootPath(folder), Envelope.MaxBytes, "the root in force", out byte[] bytes))
        {
            AtomicFile.WriteBytes(RootPath(folder), pinnedRoot.ToBytes());
            return pinned;
        }

        TrustedRoot current = TrustedRoot.Pin(Envelope.Parse(bytes, "the root in force"));
        if (current.Metadata.Version < pinned.Metadata.Version
            || (current.Metadata.Version == pinned.Metadata.Version && current.Envelope.PayloadDigest != pinnedRoot.PayloadDigest))
        {
            throw new InputException(
                $"the pinned root (version {pinned.Metadata.Version}) does not agree with the root in force in {folder} (version {current.Metadata.Version}); "
                + "update the root through its chain, or, to begin anew on purpose, remove that folder");
        }

        return current;
    }

    private static TrustState OpenState(string folder)
    {
        if (!SmallFile.TryRead(StatePath(folder), MaxStateBytes, "the record of accepted bundles", out byte[] bytes))
        {
            return new TrustState([]);
        }

        try
        {
            TrustState state = JsonSerializer.Deserialize(bytes, TrustJson.Default.TrustState) ?? throw new JsonException("null");
            return state.Accepted.All(a => a is { Signers: not null }) ? state : throw new JsonException("null");
        }
        catch (JsonException e)
        {
            // Going on without it would let an old bundle in.
            throw new InputException($"{StatePath(folder)} is damaged ({e.Message}); restore it, or remove it to accept any version once more", e);
        }
    }

    private TimestampMetadata? OpenTimestamp()
    {
        if (_root.Metadata.Roles.Timestamp is null
            || !SmallFile.TryRead(TimestampPath(_folder), Envelope.MaxBytes, "the timestamp", out byte[] bytes))
        {
            return null;
        }

        Envelope envelope = Envelope.Parse(bytes, TimestampPath(_folder));
        if (_root.IsSigned(envelope, SigningRole.Timestamp))
        {
            return ReadTimestamp(envelope);
        }

        // Keys that the root no longer names have signed a timestamp that no longer counts. Signatures of keys that it does
        // name and that are wrong are damage, and forgetting the timestamp would let an older one in.
        return _root.ClaimsToBeSigned(envelope, SigningRole.Timestamp)
            ? throw new InputException($"{TimestampPath(_folder)} is damaged: its signatures are not those of its bytes; restore it, or remove it to accept any timestamp once more")
            : null;
    }

    private TimestampMetadata ReadTimestamp(Envelope envelope)
    {
        const string what = "the timestamp";
        TrustedRoot.ThrowIfNotOfType(envelope, TimestampMetadata.PayloadType, what);
        _root.Verify(envelope, SigningRole.Timestamp, what);
        TimestampMetadata timestamp = CanonicalJson.Read(envelope.Payload.Span, TrustJson.Default.TimestampMetadata, what);
        return timestamp.Version > 0 && timestamp.Bundles.Count <= TimestampMetadata.MaxBundles && timestamp.Bundles.All(b => b is not null)
            ? timestamp
            : throw new InputException($"{what} is not usable: its version or the number of its bundles (at most {TimestampMetadata.MaxBundles}) is out of bounds");
    }

    private void ThrowIfNotAnnounced(AcceptedBundle candidate, string what)
    {
        if (_root.Metadata.Roles.Timestamp is null)
        {
            return;
        }

        if (!IsUpToDate(out string reason))
        {
            throw new InputException($"{what} is refused: {reason}, so nobody can tell whether it is the newest; send a fresh timestamp first");
        }

        NewestBundle newest = _timestamp!.Bundles.FirstOrDefault(b => b.Name == candidate.Name)
            ?? throw new InputException($"{what} is refused: timestamp {_timestamp.Version} knows no bundle of that name");
        if (newest.Version != candidate.Version || newest.Manifest != candidate.Manifest)
        {
            throw new InputException($"{what} is refused: timestamp {_timestamp.Version} says that another one, version {newest.Version}, is the newest");
        }
    }

    // As with TUF's snapshot (specification 1.0, section 5.5.5): who holds the timestamp key alone must not bring a device
    // that has heard of a bundle, but not got it yet, back to an older one.
    private static void ThrowIfTakesBack(TimestampMetadata next, TimestampMetadata before, string what)
    {
        foreach (NewestBundle known in before.Bundles)
        {
            NewestBundle? now = next.Bundles.FirstOrDefault(b => b.Name == known.Name);
            if (now is null || now.Version < known.Version)
            {
                throw new InputException(
                    $"{what} is refused: it {(now is null ? "no longer names" : $"announces version {now.Version} of")} the bundle '{known.Name}', of which version {known.Version} has been announced already; "
                    + "announce that or a newer one");
            }
        }
    }

    private void ThrowIfRootExpired()
    {
        if (_time.GetUtcNow() >= _root.Metadata.Expires)
        {
            throw new InputException($"root {_root.Metadata.Version} has expired on {_root.Metadata.Expires:u}; send this device a newer root (its clock says {_time.GetUtcNow():u})");
        }
    }

    private void ThrowIfExpired(DateTimeOffset expires, string what, string remedy)
    {
        if (_time.GetUtcNow() >= expires)
        {
            throw new InputException($"{what} is refused: it has expired on {expires:u}; {remedy} (this device's clock says {_time.GetUtcNow():u})");
        }
    }

    // Also what happens to a clock that was put back, by a dead battery or by somebody who wants an expired bundle to pass.
    private void ThrowIfFromTheFuture(DateTimeOffset issued, string what)
    {
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset latest = _state.Accepted.Select(a => a.Issued).Concat([_root.Metadata.Issued, _timestamp?.Issued ?? default]).Max();
        DateTimeOffset known = issued > latest ? issued : latest;
        if (known > now + _clockSkew)
        {
            throw new InputException($"{what} is refused: this device's clock says {now:u}, but something signed on {known:u} is here already; set the clock");
        }
    }

    private void ThrowIfLeap(long version, long before, string what)
    {
        if (version - before > _root.Metadata.MaxVersionStep)
        {
            throw new InputException($"{what} is refused: its version leaps from {before} by more than the {_root.Metadata.MaxVersionStep} that the root allows; if a key was stolen, rotate it");
        }
    }
}
