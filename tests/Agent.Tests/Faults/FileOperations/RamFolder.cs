namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>
/// A folder of its own in memory where there is such a place: thousands of stores are opened in these tests, and flushing
/// each to a real disk would only take time. What a disk does at a power cut is modelled, not waited for.
/// </summary>
internal sealed class RamFolder : IDisposable
{
    private const string Ram = "/dev/shm";

    public RamFolder()
    {
        Path = Directory.Exists(Ram)
            ? Directory.CreateDirectory(System.IO.Path.Combine(Ram, $"edgeprune-test-{Guid.NewGuid():N}")).FullName
            : Directory.CreateTempSubdirectory("edgeprune-test-").FullName;
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Copies a folder with its files, folders and links.</summary>
    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (FileSystemInfo entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            string path = System.IO.Path.Combine(to, entry.Name);
            if (entry.LinkTarget is { } target)
            {
                File.CreateSymbolicLink(path, target);
            }
            else if (entry is DirectoryInfo)
            {
                Copy(entry.FullName, path);
            }
            else
            {
                File.Copy(entry.FullName, path);
            }
        }
    }
}
