using System.Security.Cryptography;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Bundles;

/// <summary>
/// Takes bundles in from anybody: signatures first, then what the manifest says, and only then the files, of which no
/// more is read than the manifest has announced. What is refused leaves nothing behind.
/// </summary>
public sealed class BundleIntake
{
    private const string FolderPrefix = "incoming-";
    private const int BufferBytes = 1 << 16;

    private readonly TrustStore _trust;
    private readonly BundlePolicy _policy;
    private readonly string _folder;
    private readonly TimeProvider _time;

    /// <param name="trust">Whose signatures count.</param>
    /// <param name="policy">What this device takes.</param>
    /// <param name="folder">Where incoming files are kept meanwhile. What a crash has left there is removed now.</param>
    /// <param name="time">Measures how slowly a bundle comes; null: the system's.</param>
    public BundleIntake(TrustStore trust, BundlePolicy policy, string folder, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _trust = trust;
        _policy = policy;
        _folder = Path.GetFullPath(folder);
        _time = time ?? TimeProvider.System;
        Directory.CreateDirectory(_folder);
        foreach (string left in Directory.EnumerateDirectories(_folder, FolderPrefix + "*").ToList())
        {
            Directory.Delete(left, recursive: true);
        }
    }

    /// <summary>Reads and checks a whole bundle. From then on no older bundle of that model is accepted.</summary>
    /// <param name="source">The bundle; not disposed. It may stall, end early or never end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InputException">It is refused; the message says why. Nothing of it is left, and nothing is remembered.</exception>
    /// <exception cref="IOException">The disk or the connection failed; likewise.</exception>
    public async Task<ReceivedBundle> ReceiveAsync(Stream source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var reader = new RetrievalReader(source, _policy.Retrieval, _time);
        Envelope envelope = await ReadEnvelopeAsync(reader, cancellationToken).ConfigureAwait(false);
        (BundleManifest manifest, AcceptedBundle candidate) = Check(envelope);
        string folder = Path.Combine(_folder, $"{FolderPrefix}{Guid.NewGuid():N}");
        bool done = false;
        try
        {
            Directory.CreateDirectory(folder);
            for (int i = 0; i < manifest.Resources.Count; i++)
            {
                await ReadFileAsync(reader, manifest.Resources[i], ReceivedBundle.PathOf(folder, i), cancellationToken).ConfigureAwait(false);
            }

            await ReadEndAsync(reader, cancellationToken).ConfigureAwait(false);
            _trust.Accept(candidate, manifest.Expires);
            done = true;
            return new ReceivedBundle(manifest, envelope, folder);
        }
        finally
        {
            if (!done && Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static async Task<Envelope> ReadEnvelopeAsync(RetrievalReader reader, CancellationToken cancellationToken)
    {
        byte[] header = new byte[BundleArchive.BlockBytes];
        await reader.ReadExactlyAsync(header, "its first header", cancellationToken).ConfigureAwait(false);
        if (!BundleArchive.TryReadManifestSize(header, out long size))
        {
            throw new InputException($"this is no bundle: it does not begin with a plain file '{BundleArchive.ManifestName}'; make it with 'edgeprune bundle'");
        }

        if (size > Envelope.MaxBytes)
        {
            throw new InputException($"the bundle's manifest has {size} bytes; at most {Envelope.MaxBytes} are read");
        }

        byte[] bytes = new byte[size];
        await reader.ReadExactlyAsync(bytes, "the manifest", cancellationToken).ConfigureAwait(false);
        await ReadZerosAsync(reader, BundleArchive.Padding(size), "after the manifest", cancellationToken).ConfigureAwait(false);
        return Envelope.Parse(bytes, "the bundle's manifest");
    }

    private (BundleManifest Manifest, AcceptedBundle Candidate) Check(Envelope envelope)
    {
        IReadOnlyList<string> signers = _trust.VerifyBundle(envelope, BundleManifest.PayloadType);
        BundleManifest manifest = BundleManifest.Read(envelope);
        string what = $"the bundle '{manifest.Name}' version {manifest.Version} is refused";
        if (manifest.Name != _policy.ModelName)
        {
            throw new InputException($"{what}: this device runs the model '{_policy.ModelName}'");
        }

        if (!manifest.DeviceClasses.Contains(_policy.DeviceClass, StringComparer.Ordinal))
        {
            throw new InputException($"{what}: it is for {string.Join(", ", manifest.DeviceClasses.Take(8))}, and this device is a '{_policy.DeviceClass}'");
        }

        var candidate = new AcceptedBundle(manifest.Name, manifest.Version, manifest.Issued, envelope.PayloadDigest, signers);
        _trust.CheckFreshness(candidate, manifest.Expires);
        ThrowIfTooLarge(manifest, what);
        return (manifest, candidate);
    }

    private void ThrowIfTooLarge(BundleManifest manifest, string what)
    {
        if (manifest.Resources.FirstOrDefault(r => r.Size > _policy.MaxFileBytes) is { } large)
        {
            throw new InputException($"{what}: its file '{large.Name}' has {large.Size} bytes, and this device takes {_policy.MaxFileBytes}");
        }

        decimal total = manifest.Resources.Sum(r => (decimal)r.Size);
        if (total > _policy.MaxTotalBytes)
        {
            throw new InputException($"{what}: its files have {total} bytes together, and this device takes {_policy.MaxTotalBytes}");
        }

        // The store copies the model once more before the incoming file goes.
        long free = new DriveInfo(_folder).AvailableFreeSpace;
        if (free - total - manifest.Model.Size < _policy.ReservedFreeBytes)
        {
            throw new InputException($"{what}: it needs {total + manifest.Model.Size} bytes while it is installed, {free} are free and {_policy.ReservedFreeBytes} must stay so; free some space");
        }
    }

    private static async Task ReadFileAsync(RetrievalReader reader, BundleResource resource, string path, CancellationToken cancellationToken)
    {
        byte[] header = new byte[BundleArchive.BlockBytes];
        await reader.ReadExactlyAsync(header, $"the header of '{resource.Name}'", cancellationToken).ConfigureAwait(false);
        if (!header.AsSpan().SequenceEqual(BundleArchive.Header(resource.Name, resource.Size)))
        {
            throw new InputException($"the bundle is refused: where its manifest says that the file '{resource.Name}' with {resource.Size} bytes comes, something else comes");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(path, options);
        await using (file.ConfigureAwait(false))
        {
            byte[] buffer = new byte[BufferBytes];
            for (long left = resource.Size; left > 0;)
            {
                Memory<byte> part = buffer.AsMemory(0, (int)Math.Min(left, buffer.Length));
                await reader.ReadExactlyAsync(part, $"the file '{resource.Name}'", cancellationToken).ConfigureAwait(false);
                hash.AppendData(part.Span);
                await file.WriteAsync(part, cancellationToken).ConfigureAwait(false);
                left -= part.Length;
            }
        }

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != resource.Digest)
        {
            throw new InputException($"the bundle is refused: the bytes of its file '{resource.Name}' are not those that were signed; get it again from where it was made");
        }

        await ReadZerosAsync(reader, BundleArchive.Padding(resource.Size), $"after '{resource.Name}'", cancellationToken).ConfigureAwait(false);
    }

    private static async Task ReadEndAsync(RetrievalReader reader, CancellationToken cancellationToken)
    {
        await ReadZerosAsync(reader, BundleArchive.EndBytes, "at its end, where another file that nobody signed may hide", cancellationToken).ConfigureAwait(false);
        if (await reader.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) != 0)
        {
            throw new InputException("the bundle is refused: bytes follow after its end");
        }
    }

    private static async Task ReadZerosAsync(RetrievalReader reader, int count, string where, CancellationToken cancellationToken)
    {
        byte[] zeros = new byte[count];
        await reader.ReadExactlyAsync(zeros, "its padding", cancellationToken).ConfigureAwait(false);
        if (zeros.AsSpan().ContainsAnyExcept((byte)0))
        {
            throw new InputException($"the bundle is refused: it holds something that its manifest does not name {where}");
        }
    }
}
