using EdgePrune.Profiler.Sensors;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgePrune.Cli.Output;

/// <summary>Writes results to standard output and everything else to standard error.</summary>
internal sealed class Reporter
{
    private readonly Surroundings surroundings;
    private readonly IAnsiConsole result;
    private readonly IAnsiConsole messages;

    public Reporter(Surroundings surroundings, bool json)
    {
        this.surroundings = surroundings;
        IsJson = json;
        result = Make(new TrimmingWriter(surroundings.Out), surroundings.ColourOut, live: false, surroundings.Width);
        messages = Make(surroundings.Error, surroundings.ColourError, surroundings.LiveProgress, surroundings.Width);
    }

    public bool IsJson { get; }

    /// <summary>The machine whose sensors are read.</summary>
    public PowerSourceContext Machine => surroundings.Machine();

    /// <summary>Whether <see cref="Live"/> can be used: standard output is a terminal and no document goes there.</summary>
    public bool CanShowLive => surroundings.LiveOut && !IsJson;

    /// <summary>Columns of the result.</summary>
    public int Width => surroundings.Width;

    public void Write(Outcome outcome)
    {
        if (IsJson)
        {
            surroundings.Out.WriteLine(Json.Write(outcome.Document));
        }
        else
        {
            outcome.Show(result);
        }

        surroundings.Out.Flush();
    }

    /// <summary>One line (or the lines of one message) on standard error, and the document under <c>--json</c>.</summary>
    public void Fail(string message, string kind)
    {
        messages.Write(new Text("error: ", new Style(Color.Red)));
        // Not through the console: it would break a path at the terminal's edge.
        surroundings.Error.WriteLine(message);
        surroundings.Error.Flush();
        if (IsJson)
        {
            surroundings.Out.WriteLine(Json.Write(new ErrorDocument(new ErrorDetail(message, kind))));
            surroundings.Out.Flush();
        }
    }

    /// <summary>A line for people, beside the result.</summary>
    public void Note(string message)
    {
        surroundings.Error.WriteLine(message);
        surroundings.Error.Flush();
    }

    /// <summary>Shows something that changes, on the terminal; it is gone when the work ends.</summary>
    /// <param name="work">Is given what draws.</param>
    public T Live<T>(Func<Action<IRenderable>, T> work)
    {
        // Without the trimming of blanks: here they wipe what stood in their place.
        IAnsiConsole console = Make(surroundings.Out, surroundings.ColourOut, live: true, surroundings.Width);
        return console.Live(new Text("")).AutoClear(true).Start(context => work(drawn =>
        {
            context.UpdateTarget(drawn);
            context.Refresh();
        }));
    }

    /// <summary>Runs one long step, with a bar where standard error is a terminal and plain lines where not.</summary>
    public T Step<T>(string title, Func<IProgress<StepProgress>, T> work) =>
        surroundings.LiveProgress ? WithBar(title, work) : work(new LineProgress(surroundings.Error, title));

    /// <summary>Runs something long that shows figures of its own: a bar on a terminal, and the lines that it keeps anywhere.</summary>
    public T Board<T>(Func<IBoard, T> work) =>
        surroundings.LiveProgress ? BarBoard.Run(messages, work) : work(new LineBoard(surroundings.Error));

    private T WithBar<T>(string title, Func<IProgress<StepProgress>, T> work) =>
        messages.Progress()
            .AutoRefresh(false) // a thread that draws would disturb what is being measured
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new ElapsedTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title));
                context.Refresh();
                T done = work(new BarProgress(context, task, title));
                task.Description = Markup.Escape(title);
                task.Value = task.MaxValue;
                context.Refresh();
                return done;
            });

    private static IAnsiConsole Make(TextWriter writer, bool colour, bool live, int width)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = colour || live ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = live ? InteractionSupport.Yes : InteractionSupport.No,
            // Continuous-integration variables must not change what is printed.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        console.Profile.Capabilities.Links = false;
        return console;
    }
}
