using EdgePrune.Cli.Output;

namespace EdgePrune.Cli;

/// <summary>A command cannot give its result for a reason that has an exit code of its own.</summary>
internal sealed class CommandFailure : Exception
{
    private CommandFailure(string message, ExitCode code, string kind)
        : base(message)
    {
        Code = code;
        Kind = kind;
    }

    public ExitCode Code { get; }

    /// <summary>A word of <see cref="ErrorKind"/>.</summary>
    public string Kind { get; }

    public static CommandFailure Usage(string message) => new(message, ExitCode.Usage, ErrorKind.Usage);

    public static CommandFailure TargetNotMet(string message) => new(message, ExitCode.TargetNotMet, ErrorKind.TargetNotMet);

    public static CommandFailure DeviceUnavailable(string message) => new(message, ExitCode.DeviceUnavailable, ErrorKind.DeviceUnavailable);

    public static CommandFailure VerificationFailed(string message) => new(message, ExitCode.VerificationFailed, ErrorKind.VerificationFailed);
}
