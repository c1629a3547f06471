using System.Text;
using EdgePrune.Agent.Faults;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Store;

/// <summary>
/// A name (<c>current</c>, <c>previous</c>) that leads to one object: a relative symbolic link, or a small text file
/// with the same content where links are not to be had. It is replaced by rename(2), so whoever opens it finds the old
/// or the new.
/// </summary>
internal sealed class ModelPointer(string store, string name)
{
    private const int MaxTextLength = 256;

    public string Path { get; } = System.IO.Path.Combine(store, name);

    /// <summary>Where it leads; null when it is not there.</summary>
    /// <exception cref="InputException">It leads anywhere but to an object of this store. Nothing is followed.</exception>
    public ModelDigest? Read()
    {
        string? target = ReadTarget();
        if (target is null)
        {
            return null;
        }

        const string start = ObjectFolder.RelativePath + "/";
        const string end = ".onnx";
        if (target.StartsWith(start, StringComparison.Ordinal)
            && target.EndsWith(end, StringComparison.Ordinal)
            && target.Length > start.Length + end.Length
            && ModelDigest.TryParse(target.AsSpan()[start.Length..^end.Length], out ModelDigest? digest))
        {
            return digest;
        }

        throw new InputException($"{Path} does not lead to an object of its store; remove it and deploy again");
    }

    /// <summary>Makes it lead to an object that is there.</summary>
    public void Set(ModelDigest digest, ModelStoreOptions options)
    {
        if (Directory.Exists(Path) && new DirectoryInfo(Path).LinkTarget is null)
        {
            throw new InputException($"{Path} is a folder where a link belongs; remove it");
        }

        string target = $"{ObjectFolder.RelativePath}/{digest.Hex}.onnx";
        string temporary = System.IO.Path.Combine(store, $"{AtomicFile.TemporaryPrefix}{Guid.NewGuid():N}.tmp");
        bool renamed = false;
        try
        {
            if (options.UseLinks)
            {
                File.CreateSymbolicLink(temporary, target);
            }
            else
            {
                using var text = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
                text.Write(Encoding.ASCII.GetBytes(target + "\n"));
                DurableFile.Flush(text);
            }

            options.FaultPoints.Hit(FaultPoint.PointerCreated);
            File.Move(temporary, Path, overwrite: true);
            renamed = true;
            options.FaultPoints.Hit(FaultPoint.PointerRenamed);
            DurableDirectory.Sync(store);
            options.FaultPoints.Hit(FaultPoint.PointerSynced);
        }
        finally
        {
            if (!renamed)
            {
                File.Delete(temporary);
            }
        }
    }

    /// <summary>Takes it away, where it is there.</summary>
    public void Remove(ModelStoreOptions options)
    {
        File.Delete(Path);
        DurableDirectory.Sync(store);
        options.FaultPoints.Hit(FaultPoint.PointerRemoved);
    }

    private string? ReadTarget()
    {
        if (new FileInfo(Path).LinkTarget is { } link)
        {
            return link.Replace('\\', '/'); // Windows keeps links with its own separator
        }

        try
        {
            using FileStream stream = RegularFile.OpenRead(Path, followLinks: false);
            byte[] bytes = new byte[MaxTextLength];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Encoding.ASCII.GetString(bytes, 0, length).TrimEnd('\n');
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Between the look at the link and the opening, a text file may have become a link: not for us to guess.
            throw new InputException($"{Path} cannot be read as a link to a model: {e.Message}; remove it and deploy again", e);
        }
    }
}
