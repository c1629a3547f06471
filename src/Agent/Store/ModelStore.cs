using System.Diagnostics.CodeAnalysis;
using EdgePrune.Agent.Faults;
using EdgePrune.Agent.Fleet;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Store;

/// <summary>
/// The models of one device, in one folder, held for writing by one process. The journal is the truth; the links
/// <c>current</c> and <c>previous</c> are brought in line with its last line whenever the store is opened, so that a
/// crash at any moment leaves the old model or the new one serving, whole. Not safe for several threads at once; any
/// number of <see cref="StoreReader"/>s may read meanwhile.
/// </summary>
public sealed class ModelStore : IDisposable
{
    /// <summary>The reason in the journal of a deployment that a crash or a power cut ended.</summary>
    public const string InterruptedReason = "interrupted";

    private readonly StoreLock _lock;
    private readonly ObjectFolder _objects;
    private readonly ModelPointer _current;
    private readonly ModelPointer _previous;
    private readonly Journal _journal;

    private ModelStore(string folder, ModelStoreOptions options, StoreLock heldLock)
    {
        _lock = heldLock;
        Options = options;
        Reader = new StoreReader(folder);
        _objects = new ObjectFolder(folder, options);
        _current = new ModelPointer(folder, "current");
        _previous = new ModelPointer(folder, "previous");
        _objects.Create();
        RemoveTemporaries(folder);
        RemoveTemporaries(_objects.Folder);
        _journal = Journal.Open(folder, options);
    }

    /// <summary>Reads this store.</summary>
    public StoreReader Reader { get; }

    /// <summary>The deployments so far, a line for each state, oldest first; of very many the last ones.</summary>
    public IReadOnlyList<JournalEntry> History => _journal.Entries;

    /// <summary>How opening ended a deployment that an earlier process had left undecided; null: there was none.</summary>
    public JournalEntry? Recovered { get; private set; }

    internal ModelStoreOptions Options { get; }

    internal bool IsClosed { get; private set; }

    /// <summary>The deployment that somebody in this process still has to decide; null: none.</summary>
    internal string? Undecided { get; set; }

    /// <summary>Opens a store, makes it where it is not there, and ends what a crash has left undecided.</summary>
    /// <exception cref="InputException">The folder is not writable, in use, or holds something that is not a store's.</exception>
    /// <exception cref="IOException">The disk refused; opening again goes on where this stopped.</exception>
    public static ModelStore Open(string folder, ModelStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new ModelStoreOptions();
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        StoreLock? heldLock = null;
        ModelStore? store = null;
        try
        {
            CreateFolder(full);
            heldLock = StoreLock.Take(full);
            store = new ModelStore(full, options, heldLock);
            store.Recovered = store.Recover(InterruptedReason);
            ModelStore opened = store;
            (store, heldLock) = (null, null);
            return opened;
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotWritable(full, e);
        }
        catch (IOException e) when (e.HResult == 30) // EROFS
        {
            throw NotWritable(full, e);
        }
        finally
        {
            store?._journal.Dispose();
            heldLock?.Dispose();
        }
    }

    /// <summary>
    /// Removes every model but the current, the previous, and those of a deployment under way, and sets aside what the journal has
    /// too much of.
    /// </summary>
    /// <returns>How many were removed.</returns>
    public int CollectGarbage()
    {
        // A link that was renamed and could not be flushed (an error of the disk, seen by an earlier call) could come back to
        // a model that is about to go.
        DurableDirectory.Sync(Reader.Folder);
        JournalEntry? live = Live;
        ModelDigest?[] kept = [_current.Read(), _previous.Read(), live?.Digest, live?.Replaces, live?.Previous];
        int removed = _objects.Collect(kept.OfType<ModelDigest>().Select(d => d.Hex).ToHashSet());
        if (History.Count > 2 * Options.JournalLines)
        {
            _journal.SetAside(Options.JournalLines, NeededDeployments(kept));
        }

        return removed;
    }

    /// <summary>Closes the store. A deployment still undecided is ended by the next opening.</summary>
    public void Dispose()
    {
        IsClosed = true;
        _journal.Dispose();
        _lock.Dispose();
    }

    /// <summary>The last line of a deployment under way; null: none is.</summary>
    internal JournalEntry? Live => _journal.Last is { } last && last.State.IsLive() ? last : null;

    internal IncomingModel Receive(string path) => _objects.Receive(path);

    internal void Place(IncomingModel incoming) => _objects.Place(incoming);

    internal bool IsWhole(ModelDigest digest) => _objects.IsWhole(digest);

    internal JournalEntry Append(JournalEntry draft) => _journal.Append(draft);

    internal void SetCurrent(ModelDigest? digest) => Point(_current, digest);

    /// <summary>Brings the links in line with the journal's last line, which must not be of a live deployment.</summary>
    internal void Materialise()
    {
        if (_journal.Last is not { } last)
        {
            return; // no journal, or one moved away: the links as they are are all there is to know
        }

        (ModelDigest? current, ModelDigest? previous) = last.State == DeploymentState.Committed
            ? (last.Digest, last.Replaces)
            : (last.Replaces, last.Previous);
        if (current is null || File.Exists(_objects.PathOf(current)))
        {
            Point(_current, current); // one that is gone is left to the reader to report: a link to nothing would say less
        }

        Point(_previous, previous is not null && File.Exists(_objects.PathOf(previous)) ? previous : null);
    }

    /// <summary>
    /// Ends a live deployment and puts the links where the journal says. Safe to run again after a crash inside it.
    /// </summary>
    /// <returns>The line that ended the deployment; null where none was live.</returns>
    internal JournalEntry? Recover(string reason)
    {
        JournalEntry? ended = null;
        if (Live is { } live)
        {
            Options.FaultPoints.Hit(FaultPoint.RecoveryBegun);
            ended = _journal.Append(Decide(live, reason));
            Options.FaultPoints.Hit(FaultPoint.RecoveryJournalled);
        }

        Materialise();
        if (ended is not null)
        {
            CollectGarbage();
            Options.FaultPoints.Hit(FaultPoint.RecoveryFinished);
        }

        return ended;
    }

    /// <summary>
    /// Where a deployment that does not stay leads: to the model that it replaced, or, where the disk has lost that one, to the one
    /// before. False where neither is whole.
    /// </summary>
    /// <param name="live">The deployment.</param>
    /// <param name="back">The same, with what is current and previous if it does not stay.</param>
    internal bool TryWayBack(JournalEntry live, [NotNullWhen(true)] out JournalEntry? back)
    {
        back = live.Replaces is null || _objects.IsWhole(live.Replaces) ? live
            : live.Previous is { } older && _objects.IsWhole(older) ? live with { Replaces = older, Previous = null }
            : null;
        return back is not null;
    }

    /// <summary>The reason of a way back, which says so where it is not the usual one.</summary>
    internal static string WithWay(string reason, JournalEntry live, JournalEntry back) =>
        live.Replaces == back.Replaces ? reason : $"{reason}; the model before it, {live.Replaces}, is damaged, so that {back.Replaces} serves again";

    // By which the models that are kept got here, which tells their canaries' figures; and what tells how far a controller has come.
    private HashSet<string> NeededDeployments(IReadOnlyCollection<ModelDigest?> kept)
    {
        long? newest = History.Max(e => RevisionNote.Read(e.Note));
        IEnumerable<JournalEntry> commits = History.Where(e => e.State == DeploymentState.Committed && kept.Contains(e.Digest)).GroupBy(e => e.Digest).Select(lines => lines.Last());
        IEnumerable<JournalEntry> revisions = History.Where(e => newest is not null && RevisionNote.Read(e.Note) == newest);
        return [.. commits.Concat(revisions).Select(e => e.Deployment)];
    }

    private static InputException NotWritable(string folder, Exception e) =>
        new($"the model store {folder} is not writable ({e.Message}); change its permissions or use another folder", e);

    private static void CreateFolder(string full)
    {
        if (File.Exists(full))
        {
            throw new InputException($"{full} is a file; a model store is a folder");
        }

        DurableDirectory.Create(full);
    }

    private static void RemoveTemporaries(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, AtomicFile.TemporaryPrefix + "*.tmp").ToList())
        {
            File.Delete(path);
        }
    }

    private JournalEntry Decide(JournalEntry live, string reason)
    {
        bool switched = live.State >= DeploymentState.Switched || TryRead(_current) == live.Digest;
        if (!switched)
        {
            return live with { State = DeploymentState.Refused, Reason = reason };
        }

        if (TryWayBack(live, out JournalEntry? back))
        {
            return back with { State = DeploymentState.RolledBack, Reason = WithWay(reason, live, back) };
        }

        // Nothing that was ever decided about is left. Whole and through its preflight, the new model is all that can serve; as with
        // the first model of a device there is nothing that it could be compared with.
        return _objects.IsWhole(live.Digest)
            ? live with { State = DeploymentState.Committed, Reason = $"{reason}; kept, because the model before it, {live.Replaces}, is damaged and there is no other" }
            : live with { State = DeploymentState.RolledBack, Reason = reason };
    }

    private void Point(ModelPointer pointer, ModelDigest? digest)
    {
        if (digest is null)
        {
            if (Path.Exists(pointer.Path) || new FileInfo(pointer.Path).LinkTarget is not null)
            {
                pointer.Remove(Options);
            }
        }
        else if (TryRead(pointer) != digest)
        {
            pointer.Set(digest, Options);
        }
    }

    private static ModelDigest? TryRead(ModelPointer pointer)
    {
        try
        {
            return pointer.Read();
        }
        catch (InputException)
        {
            return null; // it leads elsewhere; it is about to be replaced
        }
    }
}
