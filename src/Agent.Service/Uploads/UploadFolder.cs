using System.Globalization;
using System.Text;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Service.Uploads;

/// <summary>
/// Bundles on their way in, in pieces: what has come stays when the connection breaks or the agent restarts, and the
/// client goes on from there. Nothing here has been checked yet. A file's name says what was announced; a second file says how
/// much of it is surely on the disk, because a power cut may leave a file longer than what was ever flushed of it.
/// </summary>
internal sealed class UploadFolder
{
    private const int MaxUploads = 4;
    private const int BufferBytes = 1 << 16;
    private const string Extension = ".part";
    private const string FlushedExtension = ".flushed";
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly HashSet<string> busy = new(StringComparer.Ordinal);
    private readonly string folder;
    private readonly long maxBytes;
    private readonly long reservedFreeBytes;
    private readonly TimeProvider time;

    public UploadFolder(string folder, long maxBytes, long reservedFreeBytes, TimeProvider time)
    {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.reservedFreeBytes = reservedFreeBytes;
        this.time = time;
        DurableDirectory.Create(folder);
    }

    /// <summary>Announces a bundle.</summary>
    /// <exception cref="InputException">It is too large, there is no room, or too many are under way.</exception>
    public Upload Create(long size)
    {
        lock (gate)
        {
            RemoveOld();
            if (size <= 0 || size > maxBytes)
            {
                throw new InputException($"an upload of {size} bytes: this device takes 1 to {maxBytes}");
            }

            if (Directory.GetFiles(folder, "*" + Extension).Length >= MaxUploads)
            {
                throw new InputException($"{MaxUploads} uploads are under way; finish or delete one");
            }

            if (new DriveInfo(folder).AvailableFreeSpace - size < reservedFreeBytes)
            {
                throw new InputException($"no room for {size} bytes; free some space on the device");
            }

            string id = Guid.NewGuid().ToString("N");
            new FileStream(PathOf(id, size), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0).Dispose();
            SetFlushed(id, 0);
            DurableDirectory.Sync(folder); // else the bytes could be flushed later and their name be gone
            return new Upload(id, size, 0);
        }
    }

    /// <summary>How far an upload has come; null: there is none of that name.</summary>
    public Upload? Find(string id) =>
        TryLocate(ref id, out _, out long size) ? new Upload(id, size, Flushed(id)) : null;

    /// <summary>Adds what comes, from where the upload stands.</summary>
    /// <returns>How far it has come, also where the sender stopped early; null: there is none of that name.</returns>
    /// <exception cref="InputException">It does not stand there, more comes than was announced, or another request is adding to it.</exception>
    public async Task<Upload?> AppendAsync(string id, long offset, Stream source, CancellationToken cancellationToken)
    {
        if (!TryLocate(ref id, out string path, out long size))
        {
            return null;
        }

        using IDisposable hold = Hold(id);
        var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await using (file.ConfigureAwait(false))
        {
            long start = Flushed(id);
            if (start != offset)
            {
                throw new InputException($"the upload stands at {start} of {size} bytes, not at {offset}; go on from there");
            }

            long at = start;
            file.SetLength(at); // what is beyond was never acknowledged
            file.Position = at;
            try
            {
                byte[] buffer = new byte[BufferBytes];
                for (int read; (read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
                {
                    if (at + read > size)
                    {
                        throw new InputException($"more comes than the {size} bytes that were announced; begin a new upload");
                    }

                    await file.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None).ConfigureAwait(false);
                    at += read;
                }
            }
            finally
            {
                await SocketThread.Leave(); // after the last piece, or the first that did not come
                if (at > start)
                {
                    DurableFile.Flush(file);
                    SetFlushed(id, at);
                }
            }

            return new Upload(id, size, at);
        }
    }

    /// <summary>Opens a whole upload; it cannot be added to meanwhile.</summary>
    /// <exception cref="InputException">It is not there or not whole.</exception>
    public FileStream OpenWhole(string id)
    {
        if (!TryLocate(ref id, out string path, out long size))
        {
            throw new InputException($"there is no upload '{Printable.Name(id)}'");
        }

        long flushed = Flushed(id);
        return flushed == size
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Delete, bufferSize: 0)
            : throw new InputException($"the upload has {flushed} of {size} bytes; send the rest first");
    }

    /// <returns>Whether there was one.</returns>
    public bool Delete(string id)
    {
        if (!TryLocate(ref id, out string path, out _))
        {
            return false;
        }

        File.Delete(path);
        File.Delete(FlushedPathOf(id));
        return true;
    }

    private Releaser Hold(string id)
    {
        lock (gate)
        {
            return busy.Add(id) ? new Releaser(this, id) : throw new InputException("another request is adding to this upload");
        }
    }

    private string PathOf(string id, long size) =>
        Path.Combine(folder, $"{id}.{size.ToString(CultureInfo.InvariantCulture)}{Extension}");

    private string FlushedPathOf(string id) => Path.Combine(folder, id + FlushedExtension);

    // Twenty digits in place: they lie in one sector, which a disk writes whole or not at all.
    private void SetFlushed(string id, long bytes)
    {
        using var file = new FileStream(FlushedPathOf(id), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(bytes.ToString("D20", CultureInfo.InvariantCulture)));
        DurableFile.Flush(file);
    }

    private long Flushed(string id)
    {
        try
        {
            return long.TryParse(File.ReadAllText(FlushedPathOf(id)), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : 0;
        }
        catch (FileNotFoundException)
        {
            return 0; // a crash came while the upload was being announced
        }
    }

    // The name becomes the one that is made here: one upload must not be held under two spellings.
    private bool TryLocate(ref string id, out string path, out long size)
    {
        (path, size) = ("", 0);
        if (!Guid.TryParseExact(id, "N", out Guid parsed))
        {
            return false; // a name from outside is used as a path only in the form that is made here
        }

        id = parsed.ToString("N");
        path = Directory.GetFiles(folder, $"{id}.*{Extension}").FirstOrDefault() ?? "";
        return path.Length > 0
            && Path.GetFileName(path).Split('.') is [_, var digits, _]
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out size);
    }

    private void RemoveOld()
    {
        DateTime oldest = time.GetUtcNow().UtcDateTime - MaxAge;
        foreach (string path in Directory.GetFiles(folder, "*" + Extension).Where(p => File.GetLastWriteTimeUtc(p) < oldest))
        {
            File.Delete(path);
        }

        HashSet<string> ids = [.. Directory.GetFiles(folder, "*" + Extension).Select(p => Path.GetFileName(p).Split('.')[0])];
        foreach (string path in Directory.GetFiles(folder, "*" + FlushedExtension).Where(p => !ids.Contains(Path.GetFileNameWithoutExtension(p))))
        {
            File.Delete(path);
        }
    }

    private sealed class Releaser(UploadFolder owner, string id) : IDisposable
    {
        public void Dispose()
        {
            lock (owner.gate)
            {
                owner.busy.Remove(id);
            }
        }
    }
}
