namespace EdgePrune.Agent.Fleet;

/// <summary>What a device is to run.</summary>
/// <param name="Revision">Counts up by one from wish to wish.</param>
/// <param name="Bundle">The SHA-256 of the bundle file, 64 lower-case hexadecimal digits.</param>
/// <param name="Size">Its bytes.</param>
public sealed record DesiredAnswer(long Revision, string Bundle, long Size);
