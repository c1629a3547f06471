namespace EdgePrune.TestSupport;

/// <summary>A folder of its own for one test, removed with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Path = Directory.CreateTempSubdirectory("edgeprune-test-").FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A killed child may still hold a file; the system's own cleaning of the temporary folder takes the rest.
        }
    }
}
