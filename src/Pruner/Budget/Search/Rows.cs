using System.Numerics;

namespace EdgePrune.Pruner.Budget.Search;

/// <summary>Loops over rows of tables, with the processor's vectors; bounds spend their time here.</summary>
internal static class Rows
{
    public static void Add(Span<double> row, double value)
    {
        int i = 0;
        for (var all = new Vector<double>(value); i <= row.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(row[i..]) + all).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += value;
        }
    }

    public static void AddScaled(Span<double> row, ReadOnlySpan<double> values, double scale)
    {
        int i = 0;
        for (; i <= row.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(row[i..]) + (new Vector<double>(values[i..]) * scale)).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += values[i] * scale;
        }
    }

    /// <summary>Each entry becomes the lesser of the two.</summary>
    public static void KeepLeast(Span<double> least, ReadOnlySpan<double> row)
    {
        int i = 0;
        for (; i <= row.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector.Min(new Vector<double>(least[i..]), new Vector<double>(row[i..])).CopyTo(least[i..]);
        }

        for (; i < row.Length; i++)
        {
            least[i] = Math.Min(least[i], row[i]);
        }
    }

    public static double Least(ReadOnlySpan<double> row)
    {
        var least = new Vector<double>(double.PositiveInfinity);
        int i = 0;
        for (; i <= row.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            least = Vector.Min(least, new Vector<double>(row[i..]));
        }

        double single = double.PositiveInfinity;
        for (int lane = 0; lane < Vector<double>.Count; lane++)
        {
            single = Math.Min(single, least[lane]);
        }

        for (; i < row.Length; i++)
        {
            single = Math.Min(single, row[i]);
        }

        return single;
    }
}
