namespace EdgePrune.Agent.Service.Api;

/// <param name="Size">Bytes of the whole bundle.</param>
internal sealed record UploadRequest(long Size);
