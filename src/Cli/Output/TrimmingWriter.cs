using System.Text;

namespace EdgePrune.Cli.Output;

/// <summary>Drops the blanks that table and help layouts leave at the ends of lines: they make copies and diffs untidy.</summary>
internal sealed class TrimmingWriter(TextWriter inner) : TextWriter
{
    private int blanks;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value)
    {
        if (value == ' ')
        {
            blanks++;
            return;
        }

        if (value is not ('\n' or '\r'))
        {
            WriteBlanks();
        }

        blanks = 0;
        inner.Write(value);
    }

    public override void Flush() => inner.Flush();

    private void WriteBlanks()
    {
        for (int i = 0; i < blanks; i++)
        {
            inner.Write(' ');
        }
    }
}
