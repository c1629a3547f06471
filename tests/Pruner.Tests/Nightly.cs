namespace Pruner.Tests;

/// <summary>Whether the tests take hours instead of minutes: <c>EDGEPRUNE_NIGHTLY=1</c>.</summary>
internal static class Nightly
{
    public static bool IsOn => Environment.GetEnvironmentVariable("EDGEPRUNE_NIGHTLY") == "1";
}
