namespace EdgePrune.Controller.Api;

/// <param name="Bundle">SHA-256 of the file, hexadecimal.</param>
/// <param name="Size">Its bytes.</param>
internal sealed record BundleAnswer(string Bundle, long Size);
