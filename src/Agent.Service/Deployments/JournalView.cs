using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>
/// The journal as clients see it, who look often while they wait for a decision: from memory where this process writes it, otherwise
/// from its file, parsed again only when that has changed.
/// </summary>
internal sealed class JournalView(StoreAccess store)
{
    private readonly Lock gate = new();
    private readonly string path = Path.Combine(store.Reader.Folder, JournalFile.Name);
    private (DateTime, long) seen;
    private IReadOnlyList<JournalEntry> entries = [];

    /// <summary>The lines so far, oldest first.</summary>
    /// <exception cref="Onnx.InputException">The journal is damaged.</exception>
    public IReadOnlyList<JournalEntry> Read()
    {
        if (store.History is { } written)
        {
            return written;
        }

        lock (gate)
        {
            var file = new FileInfo(path);
            (DateTime, long) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (now != seen)
            {
                entries = store.Reader.ReadHistory();
                seen = now;
            }

            return entries;
        }
    }
}
