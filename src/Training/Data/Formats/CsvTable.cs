using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using EdgePrune.Onnx;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data.Formats;

/// <summary>
/// Tables of numbers: comma, semicolon, tab or space separated, plain or gzipped, with a header line (without one,
/// columns are called column1, column2, …). One column holds the label; all others become one float32 input [N, F].
/// </summary>
internal static class CsvTable
{
    /// <param name="path">The table.</param>
    /// <param name="labelColumn">Label column that the caller names, or null.</param>
    /// <param name="manifest">What data.yaml says of columns and classes.</param>
    public static RawData Read(string path, string? labelColumn, DataManifest manifest)
    {
        List<string[]> rows = ReadRows(path);
        string[] header = rows[0];
        if (header.All(IsNumber))
        {
            header = [.. Enumerable.Range(1, header.Length).Select(n => $"column{n}")];
        }
        else
        {
            rows.RemoveAt(0);
        }

        if (rows.Count == 0)
        {
            throw new InputException($"{path}: has a header but no rows; expected one row a sample");
        }

        if (header.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InputException($"{path}: column '{twice.Key}' appears twice; expected each name once");
        }

        int? label = LabelIndex(path, header, labelColumn ?? manifest.Labels);
        int[] features = FeatureIndices(path, header, label, manifest);
        float[] values = new float[(long)rows.Count * features.Length];
        for (int f = 0; f < features.Length; f++)
        {
            Dictionary<string, int>? categories = manifest.Categorical.Contains(header[features[f]])
                ? rows.Select(row => row[features[f]]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select((name, id) => (name, id)).ToDictionary(pair => pair.name, pair => pair.id)
                : null;
            for (int row = 0; row < rows.Count; row++)
            {
                values[(row * features.Length) + f] = categories is null
                    ? Number(path, header[features[f]], row, rows[row][features[f]])
                    : categories[rows[row][features[f]]];
            }
        }

        ResidentArray input = new(manifest.Input ?? "input", path, TensorElementType.Float, [rows.Count, features.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        if (label is null)
        {
            return new RawData([input], null);
        }

        (long[] labels, IReadOnlyList<string>? names) = LabelReader.FromText([.. rows.Select(row => row[label.Value])], manifest.Classes, $"{path}, column '{header[label.Value]}'");
        return new RawData([input], labels, names);
    }

    private static List<string[]> ReadRows(string path)
    {
        using Stream stream = BoundedReader.Open(path);
        byte[] bytes = BoundedReader.ReadAll(stream, DataLimits.TextBytes, path);
        if (bytes.AsSpan().Contains((byte)0))
        {
            throw new InputException($"{path}: holds binary data; expected a table of text");
        }

        using StreamReader text = new(new MemoryStream(bytes), Encoding.UTF8);
        string firstLine = text.ReadLine()?.Trim() ?? string.Empty;
        char delimiter = firstLine.Contains('\t') ? '\t'
            : firstLine.Contains(',') ? ','
            : firstLine.Contains(';') ? ';'
            : firstLine.Contains(' ') && firstLine.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(IsNumber) ? ' ' : ',';
        using StreamReader again = new(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            List<string[]> rows = delimiter == ' ' ? SplitAtSpaces(again) : Parse(again, delimiter);
            if (rows.Count == 0)
            {
                throw new InputException($"{path}: holds no rows; expected a header and one row a sample");
            }

            if (rows[0].Length > DataLimits.Columns || (long)rows.Count * rows[0].Length * sizeof(float) > DataLimits.ArrayBytes)
            {
                throw new InputException($"{path}: {rows.Count:N0} rows of {rows[0].Length:N0} columns; at most {DataLimits.Columns:N0} columns and {DataLimits.ArrayBytes:N0} bytes are supported");
            }

            int bad = rows.FindIndex(row => row.Length != rows[0].Length);
            return bad < 0
                ? rows
                : throw new InputException($"{path}: row {bad + 1} has {rows[bad].Length} fields, the first row has {rows[0].Length}; expected as many in every row");
        }
        catch (CsvHelperException error)
        {
            throw new InputException($"{path}: is not a readable table: {error.Message.Split('\n')[0].Trim()}", error);
        }
    }

    private static List<string[]> Parse(StreamReader text, char delimiter)
    {
        CsvConfiguration configuration = new(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter.ToString(),
            HasHeaderRecord = false,
            TrimOptions = TrimOptions.Trim,
            IgnoreBlankLines = true,
            MaxFieldSize = 65_536,
        };
        using CsvParser parser = new(text, configuration);
        List<string[]> rows = [];
        while (parser.Read())
        {
            rows.Add(parser.Record ?? []);
        }

        return rows;
    }

    private static List<string[]> SplitAtSpaces(StreamReader text)
    {
        List<string[]> rows = [];
        while (text.ReadLine() is { } line)
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (fields.Length > 0)
            {
                rows.Add(fields);
            }
        }

        return rows;
    }

    private static int? LabelIndex(string path, string[] header, string? named)
    {
        if (named is not null)
        {
            int at = Array.IndexOf(header, named);
            return at >= 0 ? at : throw new InputException($"{path}: has no label column '{named}'; its columns are {string.Join(", ", header.Take(30))}");
        }

        foreach (string name in LabelReader.Names)
        {
            int at = Array.FindIndex(header, column => column.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (at >= 0)
            {
                return at;
            }
        }

        return null;
    }

    private static int[] FeatureIndices(string path, string[] header, int? label, DataManifest manifest)
    {
        foreach (string name in manifest.Columns.Concat(manifest.Drop).Concat(manifest.Categorical))
        {
            if (!header.Contains(name))
            {
                throw new InputException($"{path}: has no column '{name}', which data.yaml names; its columns are {string.Join(", ", header.Take(30))}");
            }
        }

        int[] features = manifest.Columns.Count > 0
            ? [.. manifest.Columns.Select(name => Array.IndexOf(header, name))]
            : [.. Enumerable.Range(0, header.Length).Where(at => at != label && !manifest.Drop.Contains(header[at]))];
        return features.Length > 0 && !features.Contains(label ?? -1)
            ? features
            : throw new InputException($"{path}: no feature columns are left, or the label is one of them; expected at least one column of numbers beside the label");
    }

    private static float Number(string path, string column, int row, string text)
    {
        if (text.Length == 0)
        {
            throw new InputException($"{path}: sample {row} has no value in column '{column}'; expected a number (drop the column, or fill it in)");
        }

        if (!double.TryParse(text, out double value))
        {
            throw new InputException($"{path}: '{text}' of sample {row}, column '{column}', is not a number; list the column under 'drop' or 'categorical' in data.yaml, or name it as the label");
        }

        return double.IsFinite((float)value)
            ? (float)value
            : throw new InputException($"{path}: sample {row} has {text} in column '{column}'; expected finite numbers");
    }

    private static bool IsNumber(string text) => double.TryParse(text, out _);
}
