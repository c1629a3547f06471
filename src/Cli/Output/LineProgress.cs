namespace EdgePrune.Cli.Output;

/// <summary>Progress as plain lines: the step's name, then one line for every quarter of it.</summary>
internal sealed class LineProgress : IProgress<StepProgress>
{
    private const double Part = 0.25;
    private readonly TextWriter writer;
    private readonly string title;
    private double next = Part;

    public LineProgress(TextWriter writer, string title)
    {
        this.writer = writer;
        this.title = title;
        writer.WriteLine($"{title}…");
        writer.Flush();
    }

    public void Report(StepProgress value)
    {
        if (value.Fraction < next || value.Fraction >= 1)
        {
            return;
        }

        next = (Math.Floor(value.Fraction / Part) + 1) * Part;
        writer.WriteLine($"{title}: {value.Fraction * 100:F0} %");
        writer.Flush();
    }
}
