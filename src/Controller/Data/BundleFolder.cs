using System.Security.Cryptography;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Controller.Data;

/// <summary>
/// Bundles by their digest. They are not judged here: an agent takes only what the keys of its own root have signed, so
/// a controller that somebody has taken over can hold devices back but can make them run nothing.
/// </summary>
internal sealed class BundleFolder
{
    private const string Extension = ".bundle";
    private const string PartExtension = ".part";

    private readonly string folder;
    private readonly long maxBytes;

    public BundleFolder(string folder, long maxBytes)
    {
        this.folder = folder;
        this.maxBytes = maxBytes;
        Directory.CreateDirectory(folder);
        foreach (string left in Directory.GetFiles(folder, "*" + PartExtension))
        {
            File.Delete(left);
        }
    }

    /// <summary>Whether a text has the form of a digest: 64 lower-case hexadecimal digits.</summary>
    public static bool IsDigest(string text) => text.Length == 64 && text.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');

    /// <summary>Takes a bundle, durably.</summary>
    /// <returns>Its digest and its bytes.</returns>
    /// <exception cref="InputException">It is empty or too large.</exception>
    public async Task<(string Digest, long Size)> AddAsync(Stream source, CancellationToken cancellationToken)
    {
        string part = Path.Combine(folder, Guid.NewGuid().ToString("N") + PartExtension);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            var file = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            await using (file.ConfigureAwait(false))
            {
                byte[] buffer = new byte[1 << 16];
                for (int read; (read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
                {
                    size += read;
                    if (size > maxBytes)
                    {
                        throw new InputException($"the bundle has more than the {maxBytes} bytes that this controller takes");
                    }

                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                }

                DurableFile.Flush(file);
            }

            if (size == 0)
            {
                throw new InputException("the bundle is empty");
            }

            string digest = Convert.ToHexStringLower(hash.GetHashAndReset());
            File.Move(part, PathOf(digest), overwrite: true);
            DurableDirectory.Sync(folder);
            return (digest, size);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>Where a bundle is; false: it is not here.</summary>
    public bool TryFind(string digest, out string path, out long size)
    {
        path = IsDigest(digest) ? PathOf(digest) : "";
        var file = new FileInfo(path.Length == 0 ? folder : path);
        size = file.Exists ? file.Length : 0;
        return file.Exists;
    }

    private string PathOf(string digest) => Path.Combine(folder, digest + Extension);
}
