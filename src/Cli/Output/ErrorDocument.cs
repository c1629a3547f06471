namespace EdgePrune.Cli.Output;

/// <summary>What <c>--json</c> prints where a command fails.</summary>
internal sealed record ErrorDocument(ErrorDetail Error);

/// <param name="Message">What was wrong, where, and what to do.</param>
/// <param name="Kind">One word that scripts can test, see <see cref="ErrorKind"/>.</param>
internal sealed record ErrorDetail(string Message, string Kind);

/// <summary>The words that <c>error.kind</c> can hold.</summary>
internal static class ErrorKind
{
    public const string Usage = "usage";
    public const string Input = "input";
    public const string Io = "io";
    public const string Cancelled = "cancelled";
    public const string TargetNotMet = "target-not-met";
    public const string DeviceUnavailable = "device-unavailable";
    public const string VerificationFailed = "verification-failed";
    public const string Internal = "internal";
}
