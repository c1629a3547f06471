using EdgePrune.Onnx;

namespace EdgePrune.Cli.Loop;

/// <summary>The demo's folder: what an earlier demo left is removed, what is not a demo's is refused.</summary>
internal sealed class DemoFolder : IDisposable
{
    private const string Lock = "demo.lock";
    private static readonly string[] Own = [Lock, "run", "store", "pruned.onnx", "pruned.plan.json", "costs.sqlite", "costs.sqlite-wal", "costs.sqlite-shm", "keys", "agent", "agent.json", "agent.log", "loop.html", "loop.profile.json", "loop.html.sig.json"];
    private readonly FileStream held;

    private DemoFolder(string folder, FileStream held)
    {
        Folder = folder;
        this.held = held;
    }

    public string Folder { get; }

    /// <exception cref="InputException">The folder holds other files, or another demo runs in it.</exception>
    public static DemoFolder Clear(string folder)
    {
        Directory.CreateDirectory(folder);
        if (Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).FirstOrDefault(n => !Own.Contains(n)) is { } foreign)
        {
            throw new InputException($"{folder} holds '{foreign}', which is not of a demo; name an empty folder with --folder");
        }

        FileStream held = Hold(folder);
        foreach (string name in Own.Where(n => n != Lock))
        {
            string path = Path.Combine(folder, name);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }

        return new DemoFolder(folder, held);
    }

    public void Dispose() => held.Dispose();

    private static FileStream Hold(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, Lock), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new InputException($"another demo runs in {folder}; wait for it, or name another folder with --folder", e);
        }
    }
}
