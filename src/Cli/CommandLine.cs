using System.CommandLine;
using EdgePrune.Agent.Client;
using EdgePrune.Cli.Commands;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Sensors;

namespace EdgePrune.Cli;

/// <summary>All commands, and the one place where a failure becomes a message and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line.</summary>
    public static ExitCode Run(string[] args, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var reporter = new Reporter(surroundings, json: args.Contains(JsonFlag, StringComparer.Ordinal));
        try
        {
            ParseResult parsed = Root(surroundings.Width).Parse(args);
            if (parsed.Errors.Count > 0)
            {
                return UsageError(parsed, reporter);
            }

            if (parsed.Tokens.Any(t => t.Value.Length == 0))
            {
                throw CommandFailure.Usage("an argument is empty; was a variable of the shell not set?");
            }

            if (parsed.CommandResult.Command is ReportingCommand command && parsed.Action is not ExampleHelp)
            {
                Outcome outcome = command.Execute(parsed, reporter, cancellationToken);
                reporter.Write(outcome);
                return outcome.Code;
            }

            return (ExitCode)parsed.Invoke(new InvocationConfiguration
            {
                Output = new TrimmingWriter(surroundings.Out),
                Error = surroundings.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception e)
        {
            return Report(e, reporter, surroundings, cancellationToken);
        }
    }

    internal const string JsonFlag = "--json";

    // Not RootCommand, which would take its name from whatever process this runs in.
    internal static Command Root(int width)
    {
        var root = new Command("edgeprune", "Measures what a neural network costs on a board, prunes it to a budget, and deploys it only if it is really better.");
        foreach (ReportingCommand command in ReportingCommand.All())
        {
            root.Add(command);
        }

        root.Add(new Option<bool>(JsonFlag) { Recursive = true, Arity = ArgumentArity.Zero, Description = "Print one JSON document on standard output." });
        root.Add(ExampleHelp.Option(width));
        root.Add(new VersionOption());
        return root;
    }

    private static ExitCode UsageError(ParseResult parsed, Reporter reporter)
    {
        Command command = parsed.CommandResult.Command;
        string path = PathOf(command);
        string problems = string.Join("; ", parsed.Errors.Select(e => e.Message.Trim().TrimEnd('.')));
        reporter.Fail($"{problems}. '{path} --help' shows what is possible.", ErrorKind.Usage);
        return ExitCode.Usage;
    }

    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    private static ExitCode Report(Exception e, Reporter reporter, Surroundings surroundings, CancellationToken cancellationToken)
    {
        (string message, string kind, ExitCode code) = e switch
        {
            OperationCanceledException when cancellationToken.IsCancellationRequested => ("stopped on request; nothing was left half-written", ErrorKind.Cancelled, ExitCode.Failed),
            CommandFailure failure => (failure.Message, failure.Kind, failure.Code),
            AgentException { Failure: AgentFailure.Unreachable } agent => (agent.Message, ErrorKind.DeviceUnavailable, ExitCode.DeviceUnavailable),
            AgentException agent => (agent.Message, ErrorKind.Input, ExitCode.Failed),
            InputException input => (input.Message, ErrorKind.Input, ExitCode.Failed),
            SensorException sensor => (sensor.Message, ErrorKind.DeviceUnavailable, ExitCode.DeviceUnavailable),
            IOException or UnauthorizedAccessException => (e.Message, ErrorKind.Io, ExitCode.Failed),
            _ => ($"unexpected, a defect of edgeprune: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} (EDGEPRUNE_DEBUG=1 prints the trace)", ErrorKind.Internal, ExitCode.Failed),
        };
        reporter.Fail(message, kind);
        if (surroundings.Debug)
        {
            surroundings.Error.WriteLine(e);
        }

        return code;
    }
}
