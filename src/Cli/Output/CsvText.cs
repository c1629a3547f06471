using System.Text;
using EdgePrune.Onnx;

namespace EdgePrune.Cli.Output;

/// <summary>
/// Comma-separated values as RFC 4180 has them. Spreadsheets run what begins like a formula, so texts from models are made safe
/// before they become fields; numbers are not, or a negative one would turn into text.
/// </summary>
internal sealed class CsvText
{
    private const string FormulaStarts = "=+-@";
    private readonly StringBuilder text = new();

    public void Row(IReadOnlyList<string> fields) => text.AppendJoin(',', fields.Select(Quoted)).Append("\r\n");

    /// <summary>A text that no spreadsheet takes for a formula and no terminal for a command.</summary>
    public static string Safe(string field)
    {
        string plain = Printable.Text(field, keepLines: false);
        string trimmed = plain.TrimStart();
        // Full-width forms are normalised to the plain signs by some spreadsheets.
        bool formula = trimmed.Length > 0 && (FormulaStarts.Contains(trimmed[0], StringComparison.Ordinal) || trimmed[0] is '＝' or '＋' or '－' or '＠');
        return formula ? "'" + plain : plain;
    }

    public override string ToString() => text.ToString();

    private static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") >= 0 || field.StartsWith(' ') || field.EndsWith(' ')
            ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : field;
}
