using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;

namespace EdgePrune.Cli.Deployment;

/// <summary>The model store of this machine, held open, with a deployer on it.</summary>
internal sealed class LocalStore : IDisposable
{
    private static readonly TimeSpan PreflightTime = TimeSpan.FromMinutes(1);
    private readonly ModelStore store;

    private LocalStore(ModelStore store)
    {
        this.store = store;
        // Half of the memory: what serves now must go on serving beside the child.
        long memory = Math.Max(1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);
        (string program, string[] arguments) = PreflightProgram.Find();
        Deployer = new Deployer(store, new StoredModelCheck(), new ChildProcessPreflight(program, arguments, PreflightTime, memory));
    }

    public Deployer Deployer { get; }

    public StoreReader Reader => store.Reader;

    /// <param name="folder">Its folder; made where it is missing.</param>
    public static LocalStore Open(string folder)
    {
        if (Path.GetDirectoryName(folder) is { Length: > 0 } parent && !File.Exists(parent))
        {
            Directory.CreateDirectory(parent);
        }

        return new LocalStore(ModelStore.Open(folder));
    }

    public void Dispose() => store.Dispose();
}
