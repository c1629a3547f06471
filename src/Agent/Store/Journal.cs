using EdgePrune.Agent.Faults;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Store;

/// <summary>
/// The deployments of a store, durable. Lines are only ever added, until there are so many that the oldest are set aside. Held open by
/// the one process that holds the store's lock.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const int MaxTextLength = 2000;

    private readonly string _folder;
    private readonly string _path;
    private readonly IFaultPoints _faults;
    private readonly TimeProvider _time;
    private volatile JournalEntry[] _entries; // replaced, never changed: others read it meanwhile
    private FileStream? _file; // null: to be opened again before the next line, because setting lines aside went wrong
    private long _length;
    private bool _unusable;

    private Journal(string folder, ModelStoreOptions options)
    {
        _folder = folder;
        _path = Path.Combine(folder, JournalFile.Name);
        _faults = options.FaultPoints;
        _time = options.TimeProvider;
        _entries = [.. JournalFile.Read(_path, out _length)];
        _file = OpenFile();
    }

    /// <summary>The lines so far, oldest first; what has been handed out does not change.</summary>
    public IReadOnlyList<JournalEntry> Entries => _entries;

    public JournalEntry? Last => _entries.Length > 0 ? _entries[^1] : null;

    /// <summary>Opens the journal and cuts off a last line that a crash has torn.</summary>
    public static Journal Open(string folder, ModelStoreOptions options) => new(folder, options);

    /// <summary>
    /// Appends a line; when this returns it survives a power cut, when it throws the line is not there. The entry's
    /// number and time are filled in.
    /// </summary>
    public JournalEntry Append(JournalEntry draft)
    {
        DeploymentState? before = _entries.LastOrDefault(e => e.Deployment == draft.Deployment)?.State;
        if (!before.CanBecome(draft.State))
        {
            throw new InvalidOperationException($"deployment {draft.Deployment} cannot go from {before?.ToString() ?? "nothing"} to {draft.State}");
        }

        if (_unusable)
        {
            throw new IOException($"the journal {_path} could not be put right after a failed write; open the store again");
        }

        JournalEntry entry = draft with
        {
            Sequence = (Last?.Sequence ?? 0) + 1,
            Time = _time.GetUtcNow(),
            Reason = Shorten(draft.Reason),
            Note = Shorten(draft.Note),
        };
        FileStream file = _file ??= OpenFile();
        byte[] line = JournalFile.ToLine(entry);
        bool durable = false;
        try
        {
            file.Write(line);
            _faults.Hit(FaultPoint.JournalWritten);
            DurableFile.Flush(file);
            _faults.Hit(FaultPoint.JournalFlushed);
            durable = true;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new IOException($"the file system lets {_path} grow no further", e); // .NET's word for EFBIG
        }
        finally
        {
            if (!durable)
            {
                TakeBack(file);
            }
        }

        _length += line.Length;
        _entries = [.. _entries, entry];
        return entry;
    }

    /// <summary>
    /// Sets the lines of old deployments aside, in a file that replaces the one of the time before. Nothing depends on its success: a
    /// journal that the disk does not let shorten stays as it is.
    /// </summary>
    /// <param name="keep">How many lines at least stay.</param>
    /// <param name="needed">The deployments that stay besides, however old.</param>
    public void SetAside(int keep, IReadOnlySet<string> needed)
    {
        HashSet<string> staying = [.. _entries.Skip(_entries.Length - keep).Select(e => e.Deployment), .. needed];
        ILookup<bool, JournalEntry> split = _entries.ToLookup(e => staying.Contains(e.Deployment));
        if (_unusable || split[false].Count() < keep / 2)
        {
            return; // what is to be gained is not worth writing all others again
        }

        byte[] kept = [.. split[true].SelectMany(JournalFile.ToLine)];
        byte[] old = [.. split[false].SelectMany(JournalFile.ToLine)];
        _file?.Dispose(); // not every system lets an open file be replaced
        _file = null;
        try
        {
            AtomicFile.WriteBytes(Path.Combine(_folder, JournalFile.OldName), old);
            _faults.Hit(FaultPoint.JournalSetAside);
            AtomicFile.WriteBytes(_path, kept);
            (_entries, _length) = ([.. split[true]], kept.Length);
            _faults.Hit(FaultPoint.JournalShortened);
            _file = OpenFile();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            ReadAgain(); // the new file may be in its place all the same, with nothing but the flush of its folder wanting
        }
    }

    public void Dispose() => _file?.Dispose();

    private void ReadAgain()
    {
        try
        {
            _entries = [.. JournalFile.Read(_path, out _length)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            _unusable = true;
        }
    }

    private FileStream OpenFile()
    {
        var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            if (file.Length != _length)
            {
                file.SetLength(_length);
            }

            // Also when nothing was cut: a killed process may have left a line that only the cache holds, and what
            // follows relies on it.
            DurableFile.Flush(file);
            file.Position = _length;
            DurableDirectory.Sync(_folder);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string? Shorten(string? text) => text is { Length: > MaxTextLength } ? text[..MaxTextLength] + "…" : text;

    private void TakeBack(FileStream file)
    {
        try
        {
            file.SetLength(_length);
            file.Position = _length;
            DurableFile.Flush(file);
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            _unusable = true; // opening again cuts the torn line off, or finds it whole; both are consistent
        }
    }
}
