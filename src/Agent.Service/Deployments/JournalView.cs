using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>The journal as readers see it, parsed again only when it has grown: clients that wait for a decision look often.</summary>
internal sealed class JournalView(StoreReader reader)
{
    private readonly Lock gate = new();
    private readonly string path = Path.Combine(reader.Folder, JournalFile.Name);
    private (DateTime, long) seen;
    private IReadOnlyList<JournalEntry> entries = [];

    /// <summary>The lines so far, oldest first.</summary>
    /// <exception cref="Onnx.InputException">The journal is damaged.</exception>
    public IReadOnlyList<JournalEntry> Read()
    {
        lock (gate)
        {
            var file = new FileInfo(path);
            (DateTime, long) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (now != seen)
            {
                entries = reader.ReadHistory();
                seen = now;
            }

            return entries;
        }
    }
}
