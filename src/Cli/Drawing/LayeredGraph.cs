namespace EdgePrune.Cli.Drawing;

/// <summary>A value of a model as a picture shows it: a line from the box that makes it to those that read it.</summary>
/// <param name="From">The box that makes it.</param>
/// <param name="To">Boxes that read it, all of higher number than <paramref name="From"/>.</param>
internal sealed record LayoutLine(int From, IReadOnlyList<int> To);

/// <summary>A part of a line, between two points of neighbouring rows.</summary>
internal readonly record struct LayoutStep(int Line, int From, int To);

/// <summary>
/// Boxes in rows by the longest path that leads to them, so that every line runs down. Where a line passes a row it has a bend
/// there; the lines of one value share theirs, so that a value read far below in many places stays one line.
/// </summary>
internal sealed class LayeredGraph
{
    // A hostile model can have lines of a length that no picture needs; beyond this they run straight.
    private const int MostBends = 60_000;

    private readonly List<int> rowOf = [];
    private readonly List<List<int>> above = [];
    private readonly List<List<int>> below = [];
    private readonly List<LayoutStep> steps = [];

    private LayeredGraph(int boxes) => Boxes = boxes;

    /// <summary>Points below this number are boxes, the others bends.</summary>
    public int Boxes { get; }

    /// <summary>The row of each point.</summary>
    public IReadOnlyList<int> RowOf => rowOf;

    /// <summary>Points one row up that a point is connected with.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Above => above;

    /// <summary>Points one row down that a point is connected with.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Below => below;

    /// <summary>The parts of all lines.</summary>
    public IReadOnlyList<LayoutStep> Steps => steps;

    /// <summary>Points of each row, in the order in which they came.</summary>
    public int[][] Rows()
    {
        var rows = new List<int>[rowOf.Count == 0 ? 0 : rowOf.Max() + 1];
        for (int point = 0; point < rowOf.Count; point++)
        {
            (rows[rowOf[point]] ??= []).Add(point);
        }

        return [.. rows.Select(r => r?.ToArray() ?? [])];
    }

    /// <param name="boxes">How many boxes there are.</param>
    /// <param name="lines">Lines between them, each from a lower to higher numbers.</param>
    public static LayeredGraph Of(int boxes, IReadOnlyList<LayoutLine> lines)
    {
        var graph = new LayeredGraph(boxes);
        graph.rowOf.AddRange(LongestPaths(boxes, lines));
        for (int i = 0; i < boxes; i++)
        {
            graph.above.Add([]);
            graph.below.Add([]);
        }

        for (int line = 0; line < lines.Count; line++)
        {
            graph.Route(line, lines[line]);
        }

        return graph;
    }

    private static int[] LongestPaths(int boxes, IReadOnlyList<LayoutLine> lines)
    {
        var row = new int[boxes];
        var hasSource = new bool[boxes];
        var first = new int[boxes];
        Array.Fill(first, int.MaxValue);
        foreach (LayoutLine line in lines.OrderBy(l => l.From))
        {
            foreach (int to in line.To)
            {
                row[to] = Math.Max(row[to], row[line.From] + 1);
                hasSource[to] = true;
            }
        }

        foreach (LayoutLine line in lines)
        {
            first[line.From] = line.To.Select(to => row[to]).Append(first[line.From]).Min();
        }

        // What starts from nothing (another input, a constant) stands just above its first reader, not at the far top.
        for (int box = 0; box < boxes; box++)
        {
            if (!hasSource[box] && first[box] != int.MaxValue)
            {
                row[box] = first[box] - 1;
            }
        }

        return row;
    }

    private void Route(int line, LayoutLine value)
    {
        int point = value.From;
        foreach (IGrouping<int, int> readers in value.To.Distinct().GroupBy(to => rowOf[to]).OrderBy(g => g.Key))
        {
            while (rowOf[point] < readers.Key - 1 && rowOf.Count - Boxes < MostBends)
            {
                int bend = rowOf.Count;
                rowOf.Add(rowOf[point] + 1);
                above.Add([]);
                below.Add([]);
                Connect(line, point, bend);
                point = bend;
            }

            foreach (int reader in readers)
            {
                Connect(line, point, reader);
            }
        }
    }

    private void Connect(int line, int from, int to)
    {
        steps.Add(new LayoutStep(line, from, to));
        if (rowOf[to] == rowOf[from] + 1)
        {
            below[from].Add(to);
            above[to].Add(from);
        }
    }
}
