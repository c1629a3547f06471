namespace EdgePrune.Cli.Drawing;

/// <summary>
/// Orders the points of each row so that few lines cross: each point goes to the mean place of its neighbours, row by row, down and
/// up again (the barycentre method of Sugiyama, Tagawa and Toda, 1981); the order with the fewest crossings stands.
/// </summary>
internal static class RowOrder
{
    private const int Sweeps = 12;

    public static int[][] Of(LayeredGraph graph)
    {
        int[][] rows = graph.Rows();
        int[][] best = Copy(rows);
        long fewest = Crossings(graph, rows);
        for (int sweep = 0; sweep < Sweeps && fewest > 0; sweep++)
        {
            bool down = sweep % 2 == 0;
            for (int i = 1; i < rows.Length; i++)
            {
                int row = down ? i : rows.Length - 1 - i;
                Sort(rows[row], rows[down ? row - 1 : row + 1], down ? graph.Above : graph.Below);
            }

            long crossings = Crossings(graph, rows);
            if (crossings < fewest)
            {
                (best, fewest) = (Copy(rows), crossings);
            }
        }

        return best;
    }

    /// <summary>How many pairs of steps cross.</summary>
    internal static long Crossings(LayeredGraph graph, int[][] rows)
    {
        long crossings = 0;
        for (int row = 1; row < rows.Length; row++)
        {
            Dictionary<int, int> place = Places(rows[row]);
            var seen = new int[rows[row].Length + 1];
            int total = 0;
            foreach (int point in rows[row - 1])
            {
                int[] targets = [.. graph.Below[point].Select(t => place[t])];
                // Steps from the points before that end further right than this one's.
                foreach (int target in targets)
                {
                    crossings += total - Sum(seen, target);
                }

                foreach (int target in targets)
                {
                    Add(seen, target);
                    total++;
                }
            }
        }

        return crossings;
    }

    private static int[][] Copy(int[][] rows) => [.. rows.Select(r => (int[])r.Clone())];

    private static Dictionary<int, int> Places(int[] row) => row.Select((point, i) => (point, i)).ToDictionary(p => p.point, p => p.i);

    private static void Sort(int[] row, int[] fixedRow, IReadOnlyList<IReadOnlyList<int>> neighbours)
    {
        Dictionary<int, int> place = Places(fixedRow);
        // A point without neighbours keeps its place, in terms of the other row's width.
        double scale = fixedRow.Length / (double)Math.Max(1, row.Length);
        double[] means = [.. row.Select((point, i) => neighbours[point].Count == 0 ? i * scale : neighbours[point].Average(n => place[n]))];
        int[] order = [.. Enumerable.Range(0, row.Length).OrderBy(i => means[i])];
        int[] sorted = [.. order.Select(i => row[i])];
        sorted.CopyTo(row, 0);
    }

    // A binary indexed tree: how many ended at place i or left of it.
    private static int Sum(int[] tree, int place)
    {
        int sum = 0;
        for (int i = place + 1; i > 0; i -= i & -i)
        {
            sum += tree[i];
        }

        return sum;
    }

    private static void Add(int[] tree, int place)
    {
        for (int i = place + 1; i < tree.Length; i += i & -i)
        {
            tree[i]++;
        }
    }
}
