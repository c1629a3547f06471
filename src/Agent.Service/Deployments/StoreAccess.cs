using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>
/// The store, open for writing where the disk lets it. One that is full or read-only is only read: what it holds goes on
/// serving, and deployments are refused with the reason until it can be opened.
/// </summary>
internal sealed class StoreAccess : IDisposable
{
    private readonly string folder;
    private readonly ModelStoreOptions options;
    private readonly IPreflight preflight;
    private readonly Func<BundleIntake> openIntake;
    private ModelStore? store;
    private Deployer? deployer;
    private BundleIntake? intake;

    /// <exception cref="InputException">The store is in use by another process, or damaged.</exception>
    public StoreAccess(string folder, ModelStoreOptions options, IPreflight preflight, Func<BundleIntake> openIntake)
    {
        this.folder = folder;
        this.options = options;
        this.preflight = preflight;
        this.openIntake = openIntake;
        Reader = new StoreReader(folder);
        TryOpen();
    }

    public StoreReader Reader { get; }

    /// <summary>The journal as this process has written it; null while the store can only be read.</summary>
    public IReadOnlyList<JournalEntry>? History => store?.History;

    /// <summary>Why nothing can be deployed; null: something can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Opens what could not be opened before.</summary>
    /// <exception cref="InputException">It still cannot; the message says why.</exception>
    public (Deployer Deployer, BundleIntake Intake) Open()
    {
        if (!TryOpen())
        {
            throw new InputException($"nothing can be deployed: {Problem}");
        }

        return (deployer!, intake!);
    }

    public void Dispose() => store?.Dispose();

    private bool TryOpen()
    {
        try
        {
            store ??= ModelStore.Open(folder, options);
            deployer ??= new Deployer(store, new CheckedInPreflight(), preflight);
            intake ??= openIntake();
            Problem = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || (e is InputException && !IsWritable()))
        {
            // Of two processes on one store, or a damaged journal, somebody must hear; that is not caught here.
            Problem = $"the data folder cannot be written ({e.Message}); free some space, or mount it for writing";
            return false;
        }
    }

    private bool IsWritable()
    {
        string probe = Path.Combine(folder, $"{AtomicFile.TemporaryPrefix}{Guid.NewGuid():N}.tmp");
        try
        {
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
