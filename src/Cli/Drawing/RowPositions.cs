namespace EdgePrune.Cli.Drawing;

/// <summary>
/// Places the points of ordered rows: each as near as the others let it to the mean of its neighbours, in least squares, with room
/// between them. Within one row that problem has an exact solution (pool adjacent violators); the rows take turns.
/// </summary>
internal static class RowPositions
{
    private const int Rounds = 10;

    // A long line that zigzags is harder to follow than a box that stands aside.
    private const double BendWeight = 4;

    /// <returns>The middle of each point; the leftmost edge is at 0.</returns>
    public static double[] Of(LayeredGraph graph, int[][] rows, Func<int, double> widthOf, double gap)
    {
        var x = new double[graph.RowOf.Count];
        foreach (int[] row in rows)
        {
            double width = row.Sum(p => widthOf(p) + gap);
            double left = -width / 2;
            foreach (int point in row)
            {
                x[point] = left + ((widthOf(point) + gap) / 2);
                left += widthOf(point) + gap;
            }
        }

        for (int round = 0; round < Rounds; round++)
        {
            Pull(rows, x, p => graph.Above[p], p => Weight(graph, p), widthOf, gap);
            Pull(rows.Reverse(), x, p => graph.Below[p], p => Weight(graph, p), widthOf, gap);
        }

        Pull(rows, x, p => [.. graph.Above[p], .. graph.Below[p]], p => Weight(graph, p), widthOf, gap);
        double edge = Enumerable.Range(0, x.Length).Select(p => x[p] - (widthOf(p) / 2)).DefaultIfEmpty(0).Min();
        return Array.ConvertAll(x, v => v - edge);
    }

    private static double Weight(LayeredGraph graph, int point) =>
        point >= graph.Boxes ? BendWeight : 1 + (0.2 * (graph.Above[point].Count + graph.Below[point].Count));

    private static void Pull(
        IEnumerable<int[]> rows, double[] x, Func<int, IReadOnlyList<int>> neighbours, Func<int, double> weightOf, Func<int, double> widthOf, double gap)
    {
        foreach (int[] row in rows)
        {
            var offset = new double[row.Length];
            for (int i = 1; i < row.Length; i++)
            {
                offset[i] = offset[i - 1] + ((widthOf(row[i - 1]) + widthOf(row[i])) / 2) + gap;
            }

            double[] wanted = [.. row.Select((p, i) => (neighbours(p) is { Count: > 0 } near ? near.Average(n => x[n]) : x[p]) - offset[i])];
            double[] placed = NonDecreasing(wanted, [.. row.Select(weightOf)]);
            for (int i = 0; i < row.Length; i++)
            {
                x[row[i]] = placed[i] + offset[i];
            }
        }
    }

    /// <summary>The non-decreasing sequence nearest to the wanted one in weighted least squares.</summary>
    internal static double[] NonDecreasing(double[] wanted, double[] weights)
    {
        var blocks = new Stack<(double Mean, double Weight, int Count)>();
        for (int i = 0; i < wanted.Length; i++)
        {
            (double Mean, double Weight, int Count) block = (wanted[i], weights[i], 1);
            while (blocks.Count > 0 && blocks.Peek().Mean > block.Mean)
            {
                (double mean, double weight, int count) = blocks.Pop();
                block = (((mean * weight) + (block.Mean * block.Weight)) / (weight + block.Weight), weight + block.Weight, count + block.Count);
            }

            blocks.Push(block);
        }

        return [.. blocks.Reverse().SelectMany(b => Enumerable.Repeat(b.Mean, b.Count))];
    }
}
