using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using EdgePrune.Cli.Commands;
using EdgePrune.Cli.Options;

namespace EdgePrune.Cli;

/// <summary>The library's help, followed by an example that can be pasted.</summary>
internal sealed class ExampleHelp(HelpAction inner) : SynchronousCommandLineAction
{
    private const int WidestReadable = 100;

    public override bool ClearsParseErrors => true;

    /// <summary>The option that shows this, for a command and all below it.</summary>
    public static Option Option(int width)
    {
        var option = new HelpOption { Recursive = true, Description = "Show help, with an example." };
        var action = (HelpAction)option.Action!;
        action.MaxWidth = Math.Min(width, WidestReadable);
        option.Action = new ExampleHelp(action);
        return option;
    }

    public override int Invoke(ParseResult parseResult)
    {
        int code = inner.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        string example = parseResult.CommandResult.Command switch
        {
            ReportingCommand command => command.Example,
            _ => "edgeprune demo",
        };
        output.WriteLine("Example:");
        output.WriteLine($"  {example}");
        if (parseResult.CommandResult.Command is not ReportingCommand)
        {
            WriteSurroundings(output);
        }

        return code;
    }

    private static void WriteSurroundings(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("Exit codes:");
        output.WriteLine("  0 ok, 1 failed, 2 wrong usage, 3 target not met, 4 device unavailable,");
        output.WriteLine("  5 verification failed");
        output.WriteLine();
        output.WriteLine("Environment:");
        output.WriteLine($"  {StoreLocation.Variable,-23}  Folder of the model store.");
        output.WriteLine($"  {ModelFile.SecondsVariable,-23}  Seconds that a trial run of a model may take.");
        output.WriteLine($"  {ModelFile.MemoryVariable,-23}  MiB of memory that a trial run may take.");
        output.WriteLine("  EDGEPRUNE_DEBUG=1        Print the trace of an unexpected error.");
        output.WriteLine("  NO_COLOR                 No colours.");
    }
}
