using EdgePrune.Onnx;

namespace EdgePrune.Agent.Store;

/// <summary>
/// Lets one process at a time write to a store. The system releases it when the process ends, however it ends; the
/// file stays and means nothing by itself.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <exception cref="InputException">Another process holds the store.</exception>
    public static StoreLock Take(string store)
    {
        string path = Path.Combine(store, "lock");
        if (new FileInfo(path).LinkTarget is not null)
        {
            throw new InputException($"{path} is a link; remove it");
        }

        try
        {
            return new StoreLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new InputException($"the model store {store} is in use by another process; wait for it to finish, or stop it", e);
        }
    }

    public void Dispose() => _file.Dispose();

    // EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
