namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Which way through the runtime the widths of one axis take, and which of them cost the same. Paths are numbered from 0, the
/// path of the full width.
/// </summary>
internal sealed class AxisPaths
{
    // Blocked layouts repeat every 4, 8, 16 or 32 channels. Where an axis is wide, the widths between the first and the last stretch
    // of this length are taken to repeat the last.
    private const int Period = 32;
    private readonly int[] paths;
    private readonly int[] tops;

    /// <param name="paths">Path of each width, from width 1; numbered from 0 without gaps.</param>
    /// <param name="tops">What costs as much as each width.</param>
    internal AxisPaths(int[] paths, int[] tops)
    {
        this.paths = paths;
        this.tops = tops;
        Count = paths.Max() + 1;
    }

    public int Full => paths.Length;

    /// <summary>Number of paths.</summary>
    public int Count { get; }

    /// <summary>Path of each width, from width 1.</summary>
    internal IReadOnlyList<int> Paths => paths;

    /// <summary><see cref="Top"/> of each width, from width 1.</summary>
    internal IReadOnlyList<int> TopsOfAll => tops;

    public int PathOf(int width) => paths[width - 1];

    /// <summary>The widest width on the same path and stair: what costs as much as <paramref name="width"/>.</summary>
    public int Top(int width) => tops[width - 1];

    public int[] Widths(int path) => [.. Enumerable.Range(1, Full).Where(w => PathOf(w) == path)];

    /// <summary>Ends of the stairs of a path, ascending.</summary>
    public int[] Tops(int path) => [.. Widths(path).Select(Top).Distinct().Order()];

    /// <summary>The same paths with the stairs of another description.</summary>
    public AxisPaths WithStairs(AxisPaths other) =>
        new(paths, [.. Enumerable.Range(1, Full).Select(w => PathOf(other.Top(w)) == PathOf(w) ? other.Top(w) : w)]);

    /// <summary>The same paths without stairs.</summary>
    public AxisPaths Smooth() => new(paths, [.. Enumerable.Range(1, Full)]);

    /// <summary>From a staircase found in timings: aligned widths and the others.</summary>
    public static AxisPaths Of(AxisSteps steps)
    {
        int[] widths = [.. Enumerable.Range(1, steps.Full)];
        bool main = steps.IsAligned(steps.Full);
        return new AxisPaths([.. widths.Select(w => steps.IsAligned(w) == main ? 0 : 1)], [.. widths.Select(steps.Top)]);
    }

    /// <summary>The widths that must be known of to know of all.</summary>
    internal static IEnumerable<int> Asked(int full) => Enumerable.Range(1, full).Where(w => w <= Period || w > (full / Period * Period) - Period);

    /// <summary>From what the runtime makes of each width.</summary>
    public static AxisPaths Of(int full, Func<int, BlockPath> describe)
    {
        int last = full / Period * Period;
        var known = Asked(full).ToDictionary(w => w, describe);

        // Widths between are named after the one that they repeat, with its distance, so that stairs do not join.
        BlockPath At(int w)
        {
            if (known.TryGetValue(w, out BlockPath path))
            {
                return path;
            }

            int like = last - Period + 1 + ((w - 1) % Period);
            return known[like] with { Stair = $"{known[like].Stair}-{(like - w) / Period}" };
        }

        BlockPath[] all = [.. Enumerable.Range(1, full).Select(At)];
        string[] names = [.. all.Reverse().Select(p => p.Path).Distinct()];
        int[] tops = new int[full];
        var top = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int w = full; w >= 1; w--)
        {
            // A stair is unbroken on its path: the same stair further up counts only when no other of the path lies between.
            string path = all[w - 1].Path;
            bool same = top.TryGetValue(path, out int next) && all[next - 1].Stair == all[w - 1].Stair;
            tops[w - 1] = same ? tops[next - 1] : w;
            top[path] = w;
        }

        return new AxisPaths([.. all.Select(p => Array.IndexOf(names, p.Path))], tops);
    }

    /// <summary>The same as a staircase for reports: the common divisor of the full width's path, and its and the others' steps.</summary>
    public AxisSteps Steps()
    {
        int alignment = Widths(0).Aggregate(0, Divisor);
        int[] others = [.. Enumerable.Range(1, Count - 1).Select(Step)];
        return new AxisSteps(Full, alignment, Step(0), others.Length == 0 ? 1 : others.Min());
    }

    // Distance between the ends of stairs; the usual one where the last is cut short.
    private int Step(int path)
    {
        int[] ends = Tops(path);
        return ends.Length < 2 ? Math.Max(1, ends[0] - Widths(path)[0] + 1)
            : ends.Zip(ends.Skip(1), (a, b) => b - a).GroupBy(d => d).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;
    }

    private static int Divisor(int a, int b) => b == 0 ? a : Divisor(b, a % b);
}
