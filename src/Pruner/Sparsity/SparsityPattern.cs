using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;

namespace EdgePrune.Pruner.Sparsity;

/// <summary>How many weights become zero, and where they may lie. Weights are a matrix: a row an output, a column for each input and place of the kernel.</summary>
/// <param name="Share">Share of the weights (of the blocks) that become zero; null where <see cref="Threshold"/> or N:M say it.</param>
/// <param name="Threshold">Weights worth less than this become zero, however many; null where not asked for.</param>
/// <param name="Keep">N of N:M; 0 for no such pattern.</param>
/// <param name="Of">M of N:M: of so many inputs in a row, at one place of the kernel, N stay.</param>
/// <param name="Rows">Rows of a block that goes or stays as a whole.</param>
/// <param name="Columns">Columns of a block.</param>
public sealed record SparsityPattern(double? Share, double? Threshold = null, int Keep = 0, int Of = 0, int Rows = 1, int Columns = 1)
{
    /// <summary>
    /// Reads <c>50%</c> (that share, one by one), <c>2:4</c> (N of M stay), <c>4x1:50%</c> (that share of blocks of 4 rows and 1 column), or
    /// <c>&lt;0.01</c> (all that are worth less).
    /// </summary>
    /// <exception cref="InputException">It is none of these.</exception>
    public static SparsityPattern Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        if (text.StartsWith('<') && double.TryParse(text[1..], NumberStyles.Float, CultureInfo.InvariantCulture, out double threshold) && threshold > 0 && double.IsFinite(threshold))
        {
            return new SparsityPattern(null, threshold);
        }

        if (parts.Length == 1 && TryShare(text, out double share))
        {
            return new SparsityPattern(share);
        }

        if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int keep)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int of) && keep > 0 && keep < of && of <= 256)
        {
            return new SparsityPattern(null, null, keep, of);
        }

        if (parts.Length == 2 && TryShare(parts[1], out double blocks) && parts[0].Split('x') is [string r, string c]
            && int.TryParse(r, NumberStyles.None, CultureInfo.InvariantCulture, out int rows)
            && int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out int columns) && rows is > 0 and <= 4096 && columns is > 0 and <= 4096)
        {
            return new SparsityPattern(blocks, Rows: rows, Columns: columns);
        }

        throw new InputException($"'{Printable.Name(text)}' is no pattern of sparse weights: write 50% (a share), 2:4 (2 of 4 stay), 4x1:50% (a share of blocks) or <0.01 (all that are worth less)");
    }

    /// <summary>The text that <see cref="Parse"/> makes the same pattern of.</summary>
    public string ToText() =>
        Threshold is { } threshold ? "<" + threshold.ToString("R", CultureInfo.InvariantCulture)
        : Keep > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Keep}:{Of}")
        : Rows != 1 || Columns != 1 ? string.Create(CultureInfo.InvariantCulture, $"{Rows}x{Columns}:{ExactNumber.Percent(Share ?? 0)}")
        : ExactNumber.Percent(Share ?? 0);

    private static bool TryShare(string text, out double share)
    {
        share = 0;
        return text.EndsWith('%') && ExactNumber.TryParse(text[..^1], 0.01m, out share) && share is > 0 and < 1;
    }
}
