using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Cli.Reports;

/// <summary>Files that a profile is written to beside what is shown, and the cost table that is read for one of them.</summary>
internal sealed record ProfileFiles(string? Document, string? Page, string? Csv, string? Table)
{
    /// <summary>Tells before minutes of measuring what would fail after them.</summary>
    /// <exception cref="InputException">A file cannot be written, or the table does not exist.</exception>
    /// <exception cref="CommandFailure">A table without a page, or two files of one name.</exception>
    public void Check(string model)
    {
        if (Table is not null && Page is null)
        {
            throw CommandFailure.Usage("--table adds charts to the page; give --html FILE too");
        }

        if (Table is not null && !File.Exists(Table))
        {
            throw new InputException($"{Table} does not exist; 'edgeprune costs MODEL --table {Table}' measures and writes it");
        }

        string[] written = [.. new[] { Document, Page, Csv }.OfType<string>()];
        if (written.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).Count() < written.Length)
        {
            throw CommandFailure.Usage("two of --output, --html and --csv name the same file; give each its own");
        }

        foreach (string path in written)
        {
            OutputFile.Check(path, model, Table);
        }
    }

    /// <summary>Writes each file that was asked for, whole or not at all.</summary>
    public void Write(ProfileDocument document, CostCurves? costs, Reporter reporter)
    {
        void To(string? path, Func<string> content)
        {
            if (path is not null)
            {
                AtomicFile.WriteText(path, content());
                reporter.Note($"wrote {path}");
            }
        }

        To(Document, () => Json.Write(document) + "\n");
        To(Page, () => HtmlPage.Render(ReportPage.Of(document, costs)));
        To(Csv, () => ProfileCsv.Of(document));
    }
}
