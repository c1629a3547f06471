using System.CommandLine;
using EdgePrune.Cli.Output;

namespace EdgePrune.Cli.Commands;

/// <summary>A command of the tool: parse, one call into a library, an <see cref="Outcome"/>.</summary>
internal abstract class ReportingCommand : Command
{
    protected ReportingCommand(string name, string description, string example)
        : base(name, description)
    {
        Example = example;
        // The runner calls Execute itself; without an action the library would demand a subcommand.
        SetAction((Func<ParseResult, int>)(_ => throw new InvalidOperationException("commands are run through CommandLine")));
    }

    /// <summary>A command line that works.</summary>
    public string Example { get; }

    /// <summary>Every command, in the order in which help lists them.</summary>
    public static IReadOnlyList<ReportingCommand> All() =>
    [
        new DoctorCommand(),
        new SensorsCommand(),
        new InspectCommand(),
        new ProfileCommand(),
        new CompareCommand(),
        new CostsCommand(),
        new CalibrateCommand(),
        new PruneCommand(),
        new SearchCommand(),
        new VerifyCommand(),
        new EvalCommand(),
        new TrainCommand(),
        new FinetuneCommand(),
        new DeployCommand(),
        new RollbackCommand(),
        new KeysCommand(),
        new BundleCommand(),
        new ControllerCommand(),
        new LoopCommand(),
        new VerifyReportCommand(),
        new DemoCommand(),
        new PreflightCommand(),
    ];

    public abstract Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken);
}
