namespace EdgePrune.Cli.Output;

/// <summary>Where there is no terminal: the lines that stay, and no bar.</summary>
internal sealed class LineBoard(TextWriter writer) : IBoard
{
    public void Move(double fraction, string title, string figures)
    {
    }

    public void Keep(string line, string figures)
    {
        writer.WriteLine($"{line}; {figures}");
        writer.Flush();
    }
}
