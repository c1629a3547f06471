namespace EdgePrune.Controller.Data;

/// <param name="Revision">Counts up by one from wish to wish of a device.</param>
/// <param name="Bundle">SHA-256 of the bundle file, hexadecimal.</param>
/// <param name="Note">What was written about it, or null.</param>
/// <param name="Time">When it was asked for.</param>
public sealed record DesiredState(long Revision, string Bundle, string? Note, DateTimeOffset Time);
