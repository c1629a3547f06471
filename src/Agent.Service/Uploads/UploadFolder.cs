using System.Globalization;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Uploads;

/// <summary>
/// Bundles on their way in, in pieces: what has come stays when the connection breaks or the agent restarts, and the
/// client goes on from there. Nothing here has been checked yet. A file's name says all that is known about it.
/// </summary>
internal sealed class UploadFolder
{
    private const int MaxUploads = 4;
    private const int BufferBytes = 1 << 16;
    private const string Extension = ".part";
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
        Directory.CreateDirectory(folder);
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
            using var file = new FileStream(PathOf(id, size), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            return new Upload(id, size, 0);
        }
    }

    /// <summary>How far an upload has come; null: there is none of that name.</summary>
    public Upload? Find(string id) =>
        TryLocate(id, out string path, out long size) ? new Upload(id, size, new FileInfo(path).Length) : null;

    /// <summary>Adds what comes, from where the upload stands.</summary>
    /// <returns>How far it has come, also where the sender stopped early; null: there is none of that name.</returns>
    /// <exception cref="InputException">It does not stand there, more comes than was announced, or another request is adding to it.</exception>
    public async Task<Upload?> AppendAsync(string id, long offset, Stream source, CancellationToken cancellationToken)
    {
        if (!TryLocate(id, out string path, out long size))
        {
            return null;
        }

        using IDisposable hold = Hold(id);
        var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await using (file.ConfigureAwait(false))
        {
            if (file.Length != offset)
            {
                throw new InputException($"the upload stands at {file.Length} of {size} bytes, not at {offset}; go on from there");
            }

            file.Seek(0, SeekOrigin.End);
            byte[] buffer = new byte[BufferBytes];
            for (int read; (read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                if (file.Length + read > size)
                {
                    throw new InputException($"more comes than the {size} bytes that were announced; begin a new upload");
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            file.Flush(flushToDisk: true);
            return new Upload(id, size, file.Length);
        }
    }

    /// <summary>Opens a whole upload; it cannot be added to meanwhile.</summary>
    /// <exception cref="InputException">It is not there or not whole.</exception>
    public FileStream OpenWhole(string id)
    {
        if (!TryLocate(id, out string path, out long size))
        {
            throw new InputException($"there is no upload '{Printable.Name(id)}'");
        }

        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Delete, bufferSize: 0);
        long length = file.Length;
        if (length == size)
        {
            return file;
        }

        file.Dispose();
        throw new InputException($"the upload has {length} of {size} bytes; send the rest first");
    }

    /// <returns>Whether there was one.</returns>
    public bool Delete(string id)
    {
        if (!TryLocate(id, out string path, out _))
        {
            return false;
        }

        File.Delete(path);
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

    private bool TryLocate(string id, out string path, out long size)
    {
        (path, size) = ("", 0);
        if (!Guid.TryParseExact(id, "N", out Guid parsed))
        {
            return false; // a name from outside is used as a path only in the form that is made here
        }

        path = Directory.GetFiles(folder, $"{parsed:N}.*{Extension}").FirstOrDefault() ?? "";
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
