using System.Security.Cryptography;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Bundles;

/// <summary>Makes bundles.</summary>
public static class BundleWriter
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Signs files and writes them as one bundle. The same content, times and keys give the same archive but for the signatures.</summary>
    /// <param name="path">The bundle; replaced atomically.</param>
    /// <param name="manifest">Everything but <see cref="BundleManifest.Resources"/>, which are computed here.</param>
    /// <param name="files">The files, in the order in which they will be read.</param>
    /// <param name="keys">Who signs: as many as the device's root demands.</param>
    /// <returns>The manifest with its resources, and the envelope around it.</returns>
    /// <exception cref="InputException">A file cannot be read or changes meanwhile, the manifest contradicts itself, or the bundle cannot be written.</exception>
    public static (BundleManifest Manifest, Envelope Envelope) Write(string path, BundleManifest manifest, IReadOnlyList<BundleFile> files, IReadOnlyList<SigningKey> keys)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(files);
        BundleManifest complete = manifest with { Resources = [.. files.Select(Describe)] };
        Envelope envelope = complete.Seal(keys);
        AtomicFile.Write(path, stream =>
        {
            byte[] bytes = envelope.ToBytes();
            stream.Write(BundleArchive.Header(BundleArchive.ManifestName, bytes.Length));
            stream.Write(bytes);
            stream.Write(new byte[BundleArchive.Padding(bytes.Length)]);
            foreach ((BundleFile file, BundleResource resource) in files.Zip(complete.Resources))
            {
                stream.Write(BundleArchive.Header(resource.Name, resource.Size));
                Copy(file, resource, stream);
                stream.Write(new byte[BundleArchive.Padding(resource.Size)]);
            }

            stream.Write(new byte[BundleArchive.EndBytes]);
        });
        return (complete, envelope);
    }

    private static BundleResource Describe(BundleFile file)
    {
        using FileStream stream = Open(file);
        return new BundleResource(file.Name, file.Role, BundleResource.Sha256, Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length);
    }

    private static void Copy(BundleFile file, BundleResource resource, Stream target)
    {
        using FileStream source = Open(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferBytes];
        long length = 0;
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            length += read;
            hash.AppendData(buffer, 0, read);
            target.Write(buffer, 0, read);
        }

        if (length != resource.Size || Convert.ToHexStringLower(hash.GetHashAndReset()) != resource.Digest)
        {
            throw new InputException($"{file.Path} has changed while it was being signed; try again when nothing writes to it");
        }
    }

    private static FileStream Open(BundleFile file)
    {
        try
        {
            return RegularFile.OpenRead(file.Path, followLinks: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read what is to be bundled: {e.Message}", e);
        }
    }
}
