using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using EdgePrune.Cli.Commands;

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
        return code;
    }
}
