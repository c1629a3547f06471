namespace EdgePrune.Agent.Store;

/// <summary>A stored model whose every byte has just been checked against its digest, held open.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Path">Its full path, which stays valid until the store collects the model.</param>
/// <param name="Content">The bytes, from the start; the very file that was checked, even if the path is since gone.</param>
public sealed record VerifiedModel(ModelDigest Digest, string Path, Stream Content) : IDisposable
{
    public void Dispose() => Content.Dispose();
}
