using EdgePrune.Profiler.Sensors;

namespace EdgePrune.Cli.Output;

/// <summary>Where a command writes and what is known about the place; tests give their own.</summary>
/// <param name="Out">Standard output: the result and nothing else.</param>
/// <param name="Error">Standard error: progress and errors.</param>
internal sealed record Surroundings(TextWriter Out, TextWriter Error)
{
    /// <summary>Columns of the result.</summary>
    public int Width { get; init; } = DefaultWidth;

    /// <summary>Colours on standard output.</summary>
    public bool ColourOut { get; init; }

    /// <summary>Colours on standard error.</summary>
    public bool ColourError { get; init; }

    /// <summary>Standard error is a terminal, so a progress bar can move on it.</summary>
    public bool LiveProgress { get; init; }

    /// <summary>Standard output is a terminal, so a display can move on it.</summary>
    public bool LiveOut { get; init; }

    /// <summary>The machine whose sensors are read.</summary>
    public Func<PowerSourceContext> Machine { get; init; } = () => PowerSourceContext.ForThisMachine(TimeProvider.System);

    /// <summary>Prints the trace of an unexpected error.</summary>
    public bool Debug { get; init; }

    private const int DefaultWidth = 100;
    private const int NarrowestWidth = 40;

    /// <summary>The surroundings of this process.</summary>
    public static Surroundings OfProcess()
    {
        bool noColour = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            || Environment.GetEnvironmentVariable("TERM") == "dumb";
        return new Surroundings(Console.Out, Console.Error)
        {
            Width = TerminalWidth(),
            ColourOut = !noColour && !Console.IsOutputRedirected,
            ColourError = !noColour && !Console.IsErrorRedirected,
            LiveProgress = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            LiveOut = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Debug = Environment.GetEnvironmentVariable("EDGEPRUNE_DEBUG") == "1",
        };
    }

    private static int TerminalWidth()
    {
        if (Console.IsOutputRedirected && Console.IsErrorRedirected)
        {
            return DefaultWidth;
        }

        try
        {
            int width = Console.WindowWidth;
            return width > 0 ? Math.Max(width, NarrowestWidth) : DefaultWidth;
        }
        catch (IOException)
        {
            return DefaultWidth; // a terminal without a size
        }
    }
}
