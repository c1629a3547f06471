using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Training.Steps;

namespace EdgePrune.Training.Checkpoints;

/// <summary>
/// Checkpoints on disk. A file is: eight bytes of magic, version and length of the header (32 bits each, little endian), the header
/// as JSON, the tensors' bytes, and the SHA-256 of all that. Written atomically; read as something that anybody may have changed.
/// </summary>
internal static class CheckpointFile
{
    private const int Version = 1;
    private const int FixedBytes = 16;
    private const int MaxHeaderBytes = 64 << 20;
    private const int MaxTensors = 1 << 20;

    private static readonly JsonSerializerOptions Json = new() { MaxDepth = 8, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, NumberHandling = JsonNumberHandling.Strict };

    private static ReadOnlySpan<byte> Magic => "EPTRAIN\n"u8;

    /// <exception cref="InputException">The place cannot be written.</exception>
    /// <exception cref="IOException">The disk refused; what was there is there still.</exception>
    public static void Write(string path, TrainingCheckpoint checkpoint)
    {
        List<(CheckpointTensor Entry, byte[] Bytes)> tensors =
        [
            .. checkpoint.Snapshot.Tensors.Select(t => (new CheckpointTensor(t.Key, t.Value.Length, false), t.Value)),
            .. checkpoint.Best.Select(t => (new CheckpointTensor(t.Key, t.Value.Length, true), t.Value)),
        ];
        var header = new CheckpointHeader(
            new SortedDictionary<string, string>(checkpoint.Fingerprint.ToDictionary(), StringComparer.Ordinal), checkpoint.State, checkpoint.Snapshot.Steps, [.. tensors.Select(t => t.Entry)]);
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(header, Json);
        byte[] start = new byte[FixedBytes];
        Magic.CopyTo(start);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(12), text.Length);
        AtomicFile.Write(path, stream =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (byte[] part in (IEnumerable<byte[]>)[start, text, .. tensors.Select(t => t.Bytes)])
            {
                hash.AppendData(part);
                stream.Write(part);
            }

            stream.Write(hash.GetHashAndReset());
        });
    }

    /// <exception cref="InputException">The file is missing, damaged, or no checkpoint of this version.</exception>
    public static TrainingCheckpoint Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            CheckDigest(file, path);
            return Read(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InputException($"the checkpoint {path} cannot be read: {e.Message}", e);
        }
    }

    private static void CheckDigest(FileStream file, string path)
    {
        byte[] start = new byte[FixedBytes];
        if (!file.CanSeek || file.Length < FixedBytes + SHA256.HashSizeInBytes || file.ReadAtLeast(start, FixedBytes, throwOnEndOfStream: false) < FixedBytes || !start.AsSpan(0, 8).SequenceEqual(Magic))
        {
            throw new InputException($"{path} is no checkpoint of a training; name the file that --checkpoint wrote");
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(8));
        if (version != Version)
        {
            throw new InputException($"the checkpoint {path} is of version {version}; this program reads version {Version}. Go on with the program that wrote it, or start anew");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start);
        byte[] buffer = new byte[1 << 16];
        for (long left = file.Length - FixedBytes - SHA256.HashSizeInBytes; left > 0;)
        {
            int got = file.Read(buffer.AsSpan(0, (int)Math.Min(left, buffer.Length)));
            if (got == 0)
            {
                throw Damaged(path, "it ends too early");
            }

            hash.AppendData(buffer.AsSpan(0, got));
            left -= got;
        }

        byte[] digest = new byte[SHA256.HashSizeInBytes];
        if (file.ReadAtLeast(digest, digest.Length, throwOnEndOfStream: false) < digest.Length || !CryptographicOperations.FixedTimeEquals(digest, hash.GetHashAndReset()))
        {
            throw Damaged(path, "its digest does not match its content");
        }
    }

    private static TrainingCheckpoint Read(FileStream file, string path)
    {
        byte[] length = new byte[4];
        file.Position = FixedBytes - 4;
        file.ReadExactly(length);
        long headerBytes = BinaryPrimitives.ReadUInt32LittleEndian(length);
        long after = file.Length - SHA256.HashSizeInBytes - FixedBytes - headerBytes;
        if (headerBytes > MaxHeaderBytes || after < 0)
        {
            throw Damaged(path, $"its header claims {headerBytes:N0} bytes");
        }

        byte[] text = new byte[headerBytes];
        file.ReadExactly(text);
        CheckpointHeader header = Parse(text, path);
        if (header.Tensors.Count > MaxTensors || header.Tensors.Any(t => t.Bytes < 0 || t.Bytes > Math.Min(after, Array.MaxLength)) || header.Tensors.Sum(t => (decimal)t.Bytes) != after)
        {
            throw Damaged(path, "its tensors do not fill it");
        }

        Dictionary<string, byte[]> now = new(StringComparer.Ordinal), best = new(StringComparer.Ordinal);
        foreach (CheckpointTensor tensor in header.Tensors)
        {
            byte[] bytes = new byte[tensor.Bytes];
            file.ReadExactly(bytes);
            if (!(tensor.IsBest ? best : now).TryAdd(tensor.Name, bytes))
            {
                throw Damaged(path, $"it holds '{Printable.Name(tensor.Name)}' twice");
            }
        }

        return new TrainingCheckpoint(header.Fingerprint, header.State, new TrainingSnapshot(header.Steps, now), best);
    }

    private static CheckpointHeader Parse(byte[] text, string path)
    {
        CheckpointHeader? header;
        try
        {
            header = JsonSerializer.Deserialize<CheckpointHeader>(text, Json);
        }
        catch (JsonException e)
        {
            throw Damaged(path, $"its header cannot be read ({e.Message})", e);
        }

        return header is { State: { Step: >= 0, EpochSteps: >= 0 } state, Steps: >= 0 } && state.Step == header.Steps && header.Fingerprint.Values.All(value => value is not null)
            && state.Curve.All(epoch => epoch is not null) && state.Best >= -1 && state.Best < state.Curve.Count && header.Tensors.All(t => t is { Name: not null })
            ? header
            : throw Damaged(path, "its header makes no sense");
    }

    private static InputException Damaged(string path, string why, Exception? inner = null)
    {
        string message = $"the checkpoint {path} is damaged: {why}. Delete it to start anew";
        return inner is null ? new InputException(message) : new InputException(message, inner);
    }
}
