using Spectre.Console;

namespace EdgePrune.Cli.Output;

/// <summary>Moves a bar on a terminal, only when there is something to show.</summary>
internal sealed class BarProgress(ProgressContext context, ProgressTask task, string title) : IProgress<StepProgress>
{
    private const int LongestWhat = 24;
    private const int Front = 9;
    private double shown = -1;

    public void Report(StepProgress value)
    {
        double percent = Math.Clamp(value.Fraction, 0, 1) * task.MaxValue;
        if (percent - shown < 1 && percent < task.MaxValue)
        {
            return;
        }

        shown = percent;
        task.Value = percent;
        task.Description = Markup.Escape(value.What is null ? title : $"{title}: {Shorten(value.What)}");
        context.Refresh();
    }

    // Both ends tell: the verb in front, the layer's own name at the back.
    private static string Shorten(string what) =>
        what.Length <= LongestWhat ? what : string.Concat(what.AsSpan(0, Front), "…", what.AsSpan(what.Length - (LongestWhat - Front - 1)));
}
