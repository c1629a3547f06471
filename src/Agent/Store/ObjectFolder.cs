using System.Security.Cryptography;
using EdgePrune.Agent.Faults;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Store;

/// <summary>The models themselves, each under its own digest: <c>objects/sha256/&lt;hex&gt;.onnx</c>, never changed once there.</summary>
internal sealed class ObjectFolder(string store, ModelStoreOptions options)
{
    public const string RelativePath = "objects/sha256";
    private const string Extension = ".onnx";
    private const int BufferBytes = 1 << 16; // more would be a large object for the collector at each deployment
    private const int ReadAttempts = 3;

    public string Folder { get; } = Path.Combine(store, "objects", "sha256");

    public string PathOf(ModelDigest digest) => Path.Combine(Folder, digest.Hex + Extension);

    /// <summary>Makes the folder, and refuses one that leads out of the store.</summary>
    public void Create()
    {
        foreach (string folder in (string[])[Path.GetDirectoryName(Folder)!, Folder])
        {
            // Before creating: a link to nowhere would make CreateDirectory fail with a message about something else.
            if (new DirectoryInfo(folder).LinkTarget is not null)
            {
                throw new InputException($"{folder} is a link; a model store keeps its objects inside itself. Remove the link or use another store");
            }

            DurableDirectory.Create(folder);
        }
    }

    /// <summary>Copies a file in under a temporary name, durable, and digests the very bytes that it wrote.</summary>
    /// <exception cref="InputException">The file cannot be read, is empty, is over the limit, or the disk lacks room.</exception>
    public IncomingModel Receive(string path)
    {
        using FileStream source = OpenSource(path);
        ThrowIfNoRoom(path, source.Length);
        string temporary = Path.Combine(Folder, $"{AtomicFile.TemporaryPrefix}{Guid.NewGuid():N}.tmp");
        bool done = false;
        try
        {
            ModelDigest digest;
            long length;
            using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0))
            {
                options.FaultPoints.Hit(FaultPoint.ObjectCreated);
                (digest, length) = Copy(path, source, target);
                options.FaultPoints.Hit(FaultPoint.ObjectWritten);
                if (!OperatingSystem.IsWindows())
                {
                    // An object never changes; this keeps a stray editor or redirect from changing one.
                    File.SetUnixFileMode(target.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
                }

                DurableFile.Flush(target);
            }

            options.FaultPoints.Hit(FaultPoint.ObjectFlushed);
            done = true;
            return new IncomingModel(temporary, digest, length);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new IOException($"the file system of {store} takes no file as large as the model {path}", e); // .NET's word for EFBIG
        }
        finally
        {
            if (!done)
            {
                File.Delete(temporary);
            }
        }
    }

    /// <summary>Gives a received model its place. Whatever was there under that name (damaged, a link) is replaced.</summary>
    public void Place(IncomingModel incoming)
    {
        string path = PathOf(incoming.Digest);
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
        {
            throw new InputException($"{path} is a folder where a model belongs; remove it");
        }

        File.Move(incoming.Path, path, overwrite: true);
        options.FaultPoints.Hit(FaultPoint.ObjectRenamed);
        DurableDirectory.Sync(Folder);
        options.FaultPoints.Hit(FaultPoint.ObjectSynced);
    }

    /// <summary>
    /// Opens an object and checks every byte of it against its name; the stream stands at the start. What the disk refuses to
    /// read is asked for again: an error that passes is no damage, and a model that is taken for damaged may be given up for good.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    /// <exception cref="InputException">It is not a plain file, it cannot be read, or its bytes are not those of its name.</exception>
    public FileStream OpenVerified(ModelDigest digest)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return OpenOnce(digest);
            }
            catch (InputException e) when (e.InnerException is IOException && attempt < ReadAttempts)
            {
                continue;
            }
        }
    }

    public bool IsWhole(ModelDigest digest)
    {
        try
        {
            OpenVerified(digest).Dispose();
            return true;
        }
        catch (Exception e) when (e is InputException or FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Removes every object but those kept. What cannot be removed now is left for the next time.</summary>
    /// <returns>How many were removed.</returns>
    public int Collect(IReadOnlySet<string> keptHex)
    {
        int removed = 0;
        foreach (string path in Directory.EnumerateFiles(Folder, "*" + Extension).ToList())
        {
            // Only names of our own making: a folder given by mistake may hold somebody else's files.
            string name = Path.GetFileNameWithoutExtension(path);
            if (keptHex.Contains(name) || !ModelDigest.TryParse(name, out _))
            {
                continue;
            }

            try
            {
                File.Delete(path);
                options.FaultPoints.Hit(FaultPoint.ObjectCollected);
                removed++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // on Windows: somebody still reads it
            }
        }

        return removed;
    }

    private FileStream OpenOnce(ModelDigest digest)
    {
        string path = PathOf(digest);
        FileStream? stream = null;
        try
        {
            stream = RegularFile.OpenRead(path, followLinks: false);
            ModelDigest actual = ModelDigest.FromHash(SHA256.HashData(stream));
            if (actual != digest)
            {
                throw new InputException($"the stored model {path} is damaged: its bytes digest to {actual}. It will not be used; deploy that model again, or roll back");
            }

            stream.Position = 0;
            FileStream result = stream;
            stream = null;
            return result;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not FileNotFoundException))
        {
            throw new InputException($"the stored model cannot be used: {e.Message}. Deploy that model again, or roll back", e);
        }
        finally
        {
            stream?.Dispose();
        }
    }

    private static FileStream OpenSource(string path)
    {
        try
        {
            return RegularFile.OpenRead(path, followLinks: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read the model: {e.Message}", e);
        }
    }

    private (ModelDigest Digest, long Length) Copy(string path, FileStream source, FileStream target)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferBytes];
        long length = 0;
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            length += read;
            ThrowIfTooLarge(path, length); // the file may grow while it is read
            hash.AppendData(buffer, 0, read);
            target.Write(buffer, 0, read);
        }

        return length > 0
            ? (ModelDigest.FromHash(hash.GetHashAndReset()), length)
            : throw new InputException($"the model {path} is empty; give an ONNX file");
    }

    private void ThrowIfNoRoom(string path, long length)
    {
        ThrowIfTooLarge(path, length);
        long free;
        try
        {
            free = new DriveInfo(Path.GetFullPath(store)).AvailableFreeSpace;
        }
        catch (ArgumentException)
        {
            return; // a Windows network share has no drive to ask; the write itself will tell
        }

        if (free - length < options.ReservedFreeBytes)
        {
            throw new InputException(
                $"no room for the model {path} in the store {store}: it has {length} bytes, {free} are free and "
                + $"{options.ReservedFreeBytes} must stay so; free some space or use a store on another disk");
        }
    }

    private void ThrowIfTooLarge(string path, long length)
    {
        if (length > options.MaxObjectBytes)
        {
            throw new InputException($"the model {path} is larger than the store takes ({options.MaxObjectBytes} bytes); raise that limit if this is meant");
        }
    }
}
