namespace EdgePrune.Agent.Tests;

/// <summary>
/// A folder of its own in memory where there is room in such a place: thousands of stores are opened in these tests, and flushing
/// each to a real disk would only take time. What a disk does at a power cut is modelled, not waited for. Removed with its test.
/// </summary>
internal sealed class RamFolder : IDisposable
{
    private const string Ram = "/dev/shm";
    private const long Room = 512L << 20;

    public RamFolder()
    {
        Path = Directory.Exists(Ram) && new DriveInfo(Ram).AvailableFreeSpace > Room
            ? Directory.CreateDirectory(System.IO.Path.Combine(Ram, $"edgeprune-test-{Guid.NewGuid():N}")).FullName
            : Directory.CreateTempSubdirectory("edgeprune-test-").FullName;
    }

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
            // A killed child may still hold a file; the next start of the machine takes the rest.
        }
    }

    /// <summary>Copies a folder with its files, folders and links.</summary>
    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (FileSystemInfo entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            string path = System.IO.Path.Combine(to, entry.Name);
            if (entry.LinkTarget is { } target)
            {
                System.IO.File.CreateSymbolicLink(path, target);
            }
            else if (entry is DirectoryInfo)
            {
                Copy(entry.FullName, path);
            }
            else
            {
                System.IO.File.Copy(entry.FullName, path);
            }
        }
    }
}
