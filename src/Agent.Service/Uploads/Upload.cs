namespace EdgePrune.Agent.Service.Uploads;

/// <summary>How far an upload has come.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Size">Bytes announced.</param>
/// <param name="Offset">Bytes that have come.</param>
internal sealed record Upload(string Id, long Size, long Offset);
