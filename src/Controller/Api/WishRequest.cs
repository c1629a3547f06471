namespace EdgePrune.Controller.Api;

/// <param name="Bundle">SHA-256 of a bundle that has been put here.</param>
/// <param name="Note">Why.</param>
/// <param name="After">The revision that the one who asks has seen; null: whatever it is.</param>
internal sealed record WishRequest(string Bundle, string? Note, long? After);
