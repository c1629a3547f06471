using EdgePrune.Agent.Faults;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Store;

/// <summary>
/// The deployments of a store, durable and append-only. Held open by the one process that holds the store's lock.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const int MaxTextLength = 2000;

    private readonly FileStream _file;
    private readonly List<JournalEntry> _entries;
    private readonly IFaultPoints _faults;
    private readonly TimeProvider _time;
    private bool _unusable;

    private Journal(FileStream file, List<JournalEntry> entries, ModelStoreOptions options)
    {
        _file = file;
        _entries = entries;
        _faults = options.FaultPoints;
        _time = options.TimeProvider;
    }

    public IReadOnlyList<JournalEntry> Entries => _entries;

    public JournalEntry? Last => _entries.Count > 0 ? _entries[^1] : null;

    /// <summary>Opens the journal and cuts off a last line that a crash has torn.</summary>
    public static Journal Open(string folder, ModelStoreOptions options)
    {
        string path = Path.Combine(folder, JournalFile.Name);
        List<JournalEntry> entries = JournalFile.Read(path, out long length);
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        try
        {
            if (file.Length != length)
            {
                file.SetLength(length);
            }

            // Also when nothing was cut: a killed process may have left a line that only the cache holds, and what
            // follows relies on it.
            DurableFile.Flush(file);
            file.Position = length;
            DurableDirectory.Sync(folder);
            return new Journal(file, entries, options);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Appends a line; when this returns it survives a power cut, when it throws the line is not there. The entry's
    /// number and time are filled in.
    /// </summary>
    public JournalEntry Append(JournalEntry draft)
    {
        DeploymentState? before = _entries.FindLast(e => e.Deployment == draft.Deployment)?.State;
        if (!before.CanBecome(draft.State))
        {
            throw new InvalidOperationException($"deployment {draft.Deployment} cannot go from {before?.ToString() ?? "nothing"} to {draft.State}");
        }

        if (_unusable)
        {
            throw new IOException($"the journal {_file.Name} could not be put right after a failed write; open the store again");
        }

        JournalEntry entry = draft with
        {
            Sequence = _entries.Count + 1,
            Time = _time.GetUtcNow(),
            Reason = Shorten(draft.Reason),
            Note = Shorten(draft.Note),
        };
        long length = _file.Position;
        bool durable = false;
        try
        {
            _file.Write(JournalFile.ToLine(entry));
            _faults.Hit(FaultPoint.JournalWritten);
            DurableFile.Flush(_file);
            _faults.Hit(FaultPoint.JournalFlushed);
            durable = true;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new IOException($"the file system lets {_file.Name} grow no further", e); // .NET's word for EFBIG
        }
        finally
        {
            if (!durable)
            {
                TakeBack(length);
            }
        }

        _entries.Add(entry);
        return entry;
    }

    public void Dispose() => _file.Dispose();

    private static string? Shorten(string? text) => text is { Length: > MaxTextLength } ? text[..MaxTextLength] + "…" : text;

    private void TakeBack(long length)
    {
        try
        {
            _file.SetLength(length);
            _file.Position = length;
            DurableFile.Flush(_file);
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            _unusable = true; // opening again cuts the torn line off, or finds it whole; both are consistent
        }
    }
}
