using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Tests;

/// <summary>What a report looks like on a terminal of a given width.</summary>
internal static class Rendered
{
    public static string At(int width, Action<IAnsiConsole> show, bool colour = false)
    {
        using var output = new StringWriter();
        var surroundings = new Surroundings(output, TextWriter.Null) { Width = width, ColourOut = colour };
        new Reporter(surroundings, json: false).Write(new Outcome(new object(), show));
        return output.ToString();
    }
}
