namespace EdgePrune.DeviceVm.Commands;

/// <summary>The command line as it was built on the host, run in the guest.</summary>
/// <param name="program">The built edgeprune.dll.</param>
/// <param name="log">File for what it says.</param>
internal sealed class EdgePruneCommand(string program, string log)
{
    /// <summary>Long enough for everything that this test starts, even where the host is busy.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public RunningCommand Start(params IEnumerable<string> arguments) => new(["dotnet", program, .. arguments], log);

    public CommandResult Run(params IEnumerable<string> arguments)
    {
        using RunningCommand command = Start(arguments);
        return command.Wait(Limit);
    }

    public static CommandResult Finish(RunningCommand command) => command.Wait(Limit);
}
