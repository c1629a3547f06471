namespace EdgePrune.Agent.Store;

/// <summary>A model that has been copied into the store's folder and digested, but has no place yet.</summary>
/// <param name="Path">The temporary file.</param>
/// <param name="Digest">Of the bytes in it.</param>
/// <param name="Length">In bytes.</param>
internal sealed record IncomingModel(string Path, ModelDigest Digest, long Length) : IDisposable
{
    /// <summary>Removes the temporary file, if it is still there.</summary>
    public void Dispose()
    {
        try
        {
            File.Delete(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Opening the store removes what is left.
        }
    }
}
