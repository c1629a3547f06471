namespace EdgePrune.Cli.Drawing;

/// <summary>
/// Places the points of ordered rows so that lines run straight down where they can, and what stands between several neighbours
/// stands in their middle: points are aligned with the median of their neighbours in four ways, from above or below and from the left
/// or right, and the mean of the middle two is taken (Brandes and Köpf, Fast and Simple Horizontal Coordinate Assignment, 2001).
/// </summary>
internal static class RowPositions
{
    /// <returns>The middle of each point; the leftmost edge is at 0.</returns>
    public static double[] Of(LayeredGraph graph, int[][] rows, Func<int, double> widthOf, double gap)
    {
        double Room(int left, int right) => ((widthOf(left) + widthOf(right)) / 2) + gap;
        int points = graph.RowOf.Count;
        int[][] flipped = [.. rows.Select(r => r.Reverse().ToArray())];
        double[][] ways =
        [
            Aligned(rows, points, graph.Above, Room),
            Mirrored(Aligned(flipped, points, graph.Above, Room)),
            Aligned([.. rows.Reverse()], points, graph.Below, Room),
            Mirrored(Aligned([.. flipped.Reverse()], points, graph.Below, Room)),
        ];

        // All four to the edges of the narrowest, those that lean left at its left, those that lean right at its right.
        if (points > 0)
        {
            double[] narrowest = ways.MinBy(w => w.Max() - w.Min())!;
            (double low, double high) = (narrowest.Min(), narrowest.Max());
            for (int i = 0; i < ways.Length; i++)
            {
                double shift = i % 2 == 0 ? low - ways[i].Min() : high - ways[i].Max();
                ways[i] = Array.ConvertAll(ways[i], v => v + shift);
            }
        }

        var x = new double[points];
        Span<double> four = stackalloc double[4];
        for (int point = 0; point < points; point++)
        {
            for (int i = 0; i < four.Length; i++)
            {
                four[i] = ways[i][point];
            }

            four.Sort();
            // Of every order statistic neighbours keep their distance, so of the mean of two of them as well.
            x[point] = (four[1] + four[2]) / 2;
        }

        double edge = Enumerable.Range(0, points).Select(p => x[p] - (widthOf(p) / 2)).DefaultIfEmpty(0).Min();
        return Array.ConvertAll(x, v => v - edge);
    }

    private static double[] Mirrored(double[] x) => Array.ConvertAll(x, v => -v);

    private static double[] Aligned(int[][] rows, int points, IReadOnlyList<IReadOnlyList<int>> neighbours, Func<int, int, double> room)
    {
        int[] root = Roots(rows, points, neighbours);
        return Compacted(rows, root, room);
    }

    // Chains of points, each below the median neighbour of the row before, none of which cross.
    private static int[] Roots(int[][] rows, int points, IReadOnlyList<IReadOnlyList<int>> neighbours)
    {
        var root = new int[points];
        var place = new int[points];
        for (int point = 0; point < points; point++)
        {
            root[point] = point;
        }

        foreach (int[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
            {
                place[row[i]] = i;
            }
        }

        foreach (int[] row in rows)
        {
            int taken = -1;
            foreach (int point in row)
            {
                int[] near = [.. neighbours[point].OrderBy(n => place[n])];
                if (near.Length == 0)
                {
                    continue;
                }

                int lower = near[(near.Length - 1) / 2];
                int upper = near[near.Length / 2];
                int choice = place[lower] > taken ? lower : upper;
                if (place[choice] > taken)
                {
                    root[point] = root[choice];
                    taken = place[choice];
                }
            }
        }

        return root;
    }

    // The chains as far left as they go, then each as near to its right neighbours as it can without widening the picture.
    private static double[] Compacted(int[][] rows, int[] root, Func<int, int, double> room)
    {
        var right = new Dictionary<int, List<(int Root, double Room)>>();
        var left = new Dictionary<int, List<(int Root, double Room)>>();
        var waiting = new Dictionary<int, int>();
        foreach (int[] row in rows)
        {
            for (int i = 1; i < row.Length; i++)
            {
                (int a, int b) = (root[row[i - 1]], root[row[i]]);
                double distance = room(row[i - 1], row[i]);
                Of(right, a).Add((b, distance));
                Of(left, b).Add((a, distance));
                waiting[b] = waiting.GetValueOrDefault(b) + 1;
            }
        }

        var order = new List<int>(root.Distinct().Where(r => !waiting.ContainsKey(r)));
        for (int i = 0; i < order.Count; i++)
        {
            foreach ((int next, _) in right.GetValueOrDefault(order[i]) ?? [])
            {
                if (--waiting[next] == 0)
                {
                    order.Add(next);
                }
            }
        }

        var at = new Dictionary<int, double>();
        foreach (int chain in order)
        {
            at[chain] = (left.GetValueOrDefault(chain) ?? []).Select(n => at[n.Root] + n.Room).DefaultIfEmpty(0).Max();
        }

        foreach (int chain in Enumerable.Reverse(order))
        {
            at[chain] = Math.Max(at[chain], (right.GetValueOrDefault(chain) ?? []).Select(n => at[n.Root] - n.Room).DefaultIfEmpty(at[chain]).Min());
        }

        return Array.ConvertAll(root, r => at[r]);
    }

    private static List<(int Root, double Room)> Of(Dictionary<int, List<(int Root, double Room)>> lists, int key)
    {
        if (!lists.TryGetValue(key, out List<(int Root, double Room)>? list))
        {
            lists[key] = list = [];
        }

        return list;
    }
}
