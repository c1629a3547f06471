using System.Diagnostics.CodeAnalysis;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Store;

/// <summary>
/// Reads a store without its lock, also while another process deploys: what it gives is whole, old or new.
/// </summary>
public sealed class StoreReader
{
    private const int Attempts = 100;

    private readonly ObjectFolder _objects;
    private readonly ModelPointer _current;
    private readonly ModelPointer _previous;

    /// <param name="folder">The store's folder; a folder that is not there reads as an empty store.</param>
    public StoreReader(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.GetFullPath(folder);
        _objects = new ObjectFolder(Folder, new ModelStoreOptions());
        _current = new ModelPointer(Folder, "current");
        _previous = new ModelPointer(Folder, "previous");
    }

    /// <summary>The store's full path.</summary>
    public string Folder { get; }

    /// <summary>The link that always leads to the model to serve.</summary>
    public string CurrentPath => _current.Path;

    /// <summary>Which model serves; null: none has been deployed.</summary>
    /// <exception cref="InputException">The link does not lead to an object of this store.</exception>
    public ModelDigest? Current => _current.Read();

    /// <summary>The last good model before the current one; null: there is none to roll back to.</summary>
    /// <exception cref="InputException">The link does not lead to an object of this store.</exception>
    public ModelDigest? Previous => _previous.Read();

    /// <summary>Where the store keeps, or would keep, a model.</summary>
    public string PathOf(ModelDigest digest) => _objects.PathOf(digest);

    /// <summary>Opens the current model and checks it against its digest; false when none has been deployed.</summary>
    /// <exception cref="InputException">The model or the link to it is damaged.</exception>
    public bool TryOpenCurrent([NotNullWhen(true)] out VerifiedModel? model)
    {
        // Two switches and a collection may pass between reading the link and opening the object; then the link has
        // moved on, and so does this. The bound only keeps a broken store from spinning here for ever.
        for (int attempt = 1; Current is { } digest; attempt++)
        {
            try
            {
                model = Open(digest);
                return true;
            }
            catch (FileNotFoundException e) when (attempt == Attempts || Current == digest)
            {
                throw new InputException($"the current model {digest} is missing from the store {Folder}; deploy it again, or roll back", e);
            }
            catch (FileNotFoundException)
            {
                continue;
            }
        }

        model = null;
        return false;
    }

    /// <summary>Opens a model of the store by its digest and checks it; false where the store does not have it.</summary>
    /// <exception cref="InputException">It is damaged.</exception>
    public bool TryOpen(ModelDigest digest, [NotNullWhen(true)] out VerifiedModel? model)
    {
        try
        {
            model = Open(digest);
            return true;
        }
        catch (FileNotFoundException)
        {
            model = null;
            return false;
        }
    }

    /// <summary>The journal's lines, oldest first. A last line that a crash has torn is left out.</summary>
    /// <exception cref="InputException">The journal is damaged.</exception>
    public IReadOnlyList<JournalEntry> ReadHistory()
    {
        try
        {
            return JournalFile.Read(Path.Combine(Folder, JournalFile.Name), out _);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the journal of the store {Folder} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Opens a model of this store and checks every byte of it.</summary>
    /// <exception cref="FileNotFoundException">It is not here.</exception>
    /// <exception cref="InputException">It is damaged.</exception>
    public VerifiedModel Open(ModelDigest digest) => new(digest, _objects.PathOf(digest), _objects.OpenVerified(digest));
}
