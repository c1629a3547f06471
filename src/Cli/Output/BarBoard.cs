using Spectre.Console;
using Spectre.Console.Rendering;

namespace EdgePrune.Cli.Output;

/// <summary>A bar on a terminal, figures behind it, lines that stay above it.</summary>
internal sealed class BarBoard : IBoard
{
    private const int NarrowTerminal = 100;
    private readonly IAnsiConsole console;
    private readonly ProgressContext context;
    private readonly ProgressTask task;
    private readonly FiguresColumn figures;

    private BarBoard(IAnsiConsole console, ProgressContext context, ProgressTask task, FiguresColumn figures)
    {
        this.console = console;
        this.context = context;
        this.task = task;
        this.figures = figures;
    }

    public static T Run<T>(IAnsiConsole console, Func<IBoard, T> work)
    {
        var figures = new FiguresColumn();
        int bar = console.Profile.Width < NarrowTerminal ? 10 : 24;
        return console.Progress()
            .AutoRefresh(false) // a thread that draws would disturb what is being computed
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = bar }, new PercentageColumn(), figures)
            .Start(context => work(new BarBoard(console, context, context.AddTask("starting"), figures)));
    }

    public void Move(double fraction, string title, string figures)
    {
        task.Value = Math.Clamp(fraction, 0, 1) * task.MaxValue;
        task.Description = Markup.Escape(title);
        this.figures.Text = figures;
        context.Refresh();
    }

    // Up to the edge: the bar that stands there is written over and not wiped.
    public void Keep(string line, string figures) => console.Write(new Text(line.PadRight(console.Profile.Width - 1) + "\n"));

    private sealed class FiguresColumn : ProgressColumn
    {
        public string Text { get; set; } = "";

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(Text);
    }
}
