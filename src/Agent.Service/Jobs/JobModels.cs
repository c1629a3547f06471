using System.Security.Cryptography;
using EdgePrune.Agent.Service.Uploads;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>Finds the models that jobs name: those of the store, and those that were uploaded to be measured, which are never served.</summary>
internal sealed class JobModels(Func<StoreReader> store, UploadFolder uploads)
{
    // So that a deployment still finds room beside what waits to be measured.
    private const long ReservedFreeBytes = 64L << 20;
    private const string UploadPrefix = "upload:";

    /// <summary>Copies a model to a file.</summary>
    /// <returns>Its digest.</returns>
    /// <exception cref="InputException">There is no such model, or it is not whole.</exception>
    public async Task<string> CopyAsync(string name, string path, CancellationToken cancellationToken)
    {
        Stream source = Open(name);
        await using (source.ConfigureAwait(false))
        {
            if (new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace - source.Length < ReservedFreeBytes)
            {
                throw new InputException($"no room for the model's {source.Length} bytes; free some space on the device");
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            await using (file.ConfigureAwait(false))
            {
                byte[] buffer = new byte[1 << 16];
                for (int read; (read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
                {
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                }

                DurableFile.Flush(file);
            }

            return ModelDigest.FromHash(hash.GetHashAndReset()).ToString();
        }
    }

    private Stream Open(string name)
    {
        if (name.StartsWith(UploadPrefix, StringComparison.Ordinal))
        {
            return uploads.OpenWhole(name[UploadPrefix.Length..]);
        }

        StoreReader reader = store();
        ModelDigest? digest = name switch
        {
            "current" => reader.Current ?? throw new InputException("no model has been deployed"),
            "previous" => reader.Previous ?? throw new InputException("there is no previous model"),
            _ => ModelDigest.TryParse(name, out ModelDigest? parsed) ? parsed : throw new InputException($"'{Printable.Name(name)}' is no model: current, previous, sha256:… or upload:…"),
        };
        return reader.TryOpen(digest, out VerifiedModel? model) ? model.Content : throw new InputException($"the store has no model {digest}");
    }
}
