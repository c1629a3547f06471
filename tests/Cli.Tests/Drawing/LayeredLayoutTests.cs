using EdgePrune.Cli.Drawing;

namespace EdgePrune.Cli.Tests.Drawing;

public sealed class LayeredLayoutTests
{
    private const double Wide = 100;
    private const double Gap = 20;

    [Theory]
    [InlineData(1, 2, 0)]
    [InlineData(2, 12, 3)]
    [InlineData(3, 60, 10)]
    [InlineData(4, 400, 60)]
    public void Boxes_do_not_overlap_and_lines_run_down(int seed, int boxes, int extra)
    {
        LayoutLine[] lines = Random(seed, boxes, extra);
        var graph = LayeredGraph.Of(boxes, lines);
        int[][] rows = RowOrder.Of(graph);
        double[] x = RowPositions.Of(graph, rows, p => p < boxes ? Wide : 0, Gap);

        Assert.All(lines.SelectMany(l => l.To, (l, to) => (l.From, to)), l => Assert.True(graph.RowOf[l.From] < graph.RowOf[l.to]));
        foreach (int[] row in rows)
        {
            for (int i = 1; i < row.Length; i++)
            {
                double room = Gap + ((Width(row[i - 1]) + Width(row[i])) / 2);
                Assert.True(x[row[i]] - x[row[i - 1]] >= room - 1e-6, $"{row[i - 1]} and {row[i]}");
            }
        }

        Assert.Equal(0, Enumerable.Range(0, x.Length).Min(p => x[p] - (Width(p) / 2)), 6);
        double Width(int point) => point < boxes ? Wide : 0;
    }

    [Fact]
    public void The_parts_of_a_line_lead_from_its_maker_to_each_reader()
    {
        LayoutLine[] lines = Random(5, 80, 15);
        var graph = LayeredGraph.Of(80, lines);

        for (int line = 0; line < lines.Length; line++)
        {
            Dictionary<int, int> from = graph.Steps.Where(s => s.Line == line).ToDictionary(s => s.To, s => s.From);
            foreach (int reader in lines[line].To)
            {
                int point = reader;
                while (point != lines[line].From)
                {
                    Assert.Equal(graph.RowOf[point] - 1, graph.RowOf[from[point]]);
                    point = from[point];
                }
            }
        }
    }

    [Fact]
    public void A_chain_stands_in_one_column_and_a_branch_meets_its_trunk_again()
    {
        // 0 → 1 → 2 → 3 → 5, and 1 → 4 → 3.
        LayoutLine[] lines = [new(0, [1]), new(1, [2, 4]), new(2, [3]), new(4, [5]), new(3, [5]), new(5, [6])];
        var graph = LayeredGraph.Of(7, lines);
        double[] x = RowPositions.Of(graph, RowOrder.Of(graph), p => p < 7 ? Wide : 0, Gap);

        Assert.Equal(x[0], x[1], 6);
        Assert.Equal(x[1], x[5], 6);
        Assert.Equal(x[5], x[6], 6);
        Assert.Equal(x[2], x[3], 6);
    }

    [Fact]
    public void Lines_that_need_not_cross_do_not()
    {
        // Two chains side by side, given crosswise.
        LayoutLine[] lines = [new(0, [3]), new(1, [2]), new(2, [5]), new(3, [4])];
        var graph = LayeredGraph.Of(6, lines);

        Assert.Equal(0, RowOrder.Crossings(graph, RowOrder.Of(graph)));
    }

    [Fact]
    public void A_value_read_in_many_places_far_below_stays_one_line()
    {
        var graph = LayeredGraph.Of(2002, [new(0, [.. Enumerable.Range(2, 2000)]), .. Enumerable.Range(1, 2000).Select(i => new LayoutLine(i, [i + 1]))]);

        Assert.InRange(graph.RowOf.Count, 2002, 2002 + 2002);
    }

    [Fact]
    public void What_starts_from_nothing_stands_above_its_reader()
    {
        var graph = LayeredGraph.Of(5, [new(0, [1]), new(1, [2]), new(2, [4]), new(3, [4])]);

        Assert.Equal(graph.RowOf[4] - 1, graph.RowOf[3]);
    }

    private static LayoutLine[] Random(int seed, int boxes, int extra)
    {
        var random = new Random(seed);
        List<int>[] to = [.. Enumerable.Range(0, boxes).Select(_ => new List<int>())];
        for (int box = 1; box < boxes; box++)
        {
            to[random.Next(Math.Max(0, box - 3), box)].Add(box);
        }

        for (int i = 0; i < extra; i++)
        {
            int from = random.Next(boxes - 1);
            int reader = random.Next(from + 1, boxes);
            if (!to[from].Contains(reader))
            {
                to[from].Add(reader);
            }
        }

        return [.. to.Select((list, from) => new LayoutLine(from, list)).Where(l => l.To.Count > 0)];
    }
}
