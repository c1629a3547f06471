namespace EdgePrune.Pruner.Budget.Search;

/// <summary>Turns groups, blocks and cost terms into decisions, factors and constraints.</summary>
internal sealed class ProblemBuilder
{
    // So many widths of a group are looked at; of wider groups those where some cost changes, thinned out evenly.
    private const int MostLabels = 96;
    private const int LargestTable = 1 << 20;

    // A relaxation looks at so many combinations of widths at most; above that it says only that costs are not negative.
    private const int LargestScan = 1 << 16;

    private readonly BudgetSpace space;
    private readonly IReadOnlyList<int> moments;
    private readonly int groups;
    private readonly ChoiceVariable[] variables;
    private readonly int[][] blocksOfTerm;
    private readonly int[][] blocksOfValue;

    /// <param name="space">What can be chosen.</param>
    /// <param name="lost">By group: importance lost with so many of its units.</param>
    /// <param name="kept">By group: least and most units that stay.</param>
    /// <param name="limits">What may be spent.</param>
    /// <param name="moments">Moments of <see cref="BudgetSpace.Moments"/> that a limit on memory is checked at.</param>
    public ProblemBuilder(
        BudgetSpace space, double[][] lost, (int Least, int Most)[] kept, IReadOnlyList<BudgetLimit> limits, IReadOnlyList<int> moments)
    {
        this.space = space;
        this.moments = moments;
        groups = kept.Length;
        Limits = [.. limits.SelectMany(l => Enumerable.Repeat(l, l.Metric == CostMetric.Memory ? Math.Max(1, moments.Count) : 1))];
        blocksOfTerm = Inverse(space.Terms.Count, b => b.Terms);
        blocksOfValue = Inverse(space.Values.Count, b => b.Values);
        int[][] widths = [.. kept.Select((k, g) => Labels(g, k.Least, k.Most, kept))];
        bool[] inside = [.. Enumerable.Range(0, groups).Select(g => space.Blocks.Any(b => b.Groups.Contains(g)))];
        variables =
        [
            .. widths.Select((w, g) => new ChoiceVariable(w, [.. w.Select(stay => inside[g] ? 0 : lost[g][lost[g].Length - 1 - stay])])),
            .. space.Blocks.Select(b => new ChoiceVariable([0, 1], [b.Lost, 0])),
        ];
        var factors = new List<ChoiceFactor>();
        for (int t = 0; t < space.Terms.Count; t++)
        {
            Add(factors, space.Terms[t], blocksOfTerm[t], c => Limits[c].Metric);
        }

        for (int v = 0; v < space.Values.Count; v++)
        {
            int value = v;
            Add(factors, space.Values[v], blocksOfValue[v], c => MomentOf(c) is { } m && space.Moments[m].Contains(value) ? CostMetric.Size : null);
        }

        factors.AddRange(Enumerable.Range(0, groups).Where(g => inside[g]).Select(g => Inside(g, lost[g])));
        factors.AddRange(space.Blocks.SelectMany((b, i) => b.Excludes.Where(other => other > i).Select(other => Excluded(i, other))));
        Problem = new ChoiceProblem(variables, factors, [.. Limits.Select(l => space.Constant.Of(l.Metric) / l.Limit)]);
    }

    public ChoiceProblem Problem { get; }

    /// <summary>The limit that each constraint comes from.</summary>
    public IReadOnlyList<BudgetLimit> Limits { get; }

    /// <summary>Units that stay by group, and places of the blocks that go.</summary>
    public (int[] Staying, int[] Blocks) Read(int[] labels) => (
        [.. Enumerable.Range(0, groups).Select(g => variables[g].Kept[labels[g]])],
        [.. Enumerable.Range(0, space.Blocks.Count).Where(b => labels[groups + b] == 0)]);

    private int? MomentOf(int constraint)
    {
        if (Limits[constraint].Metric != CostMetric.Memory || moments.Count == 0)
        {
            return null;
        }

        int first = 0;
        while (Limits[first] != Limits[constraint])
        {
            first++;
        }

        return moments[constraint - first];
    }

    private int[][] Inverse(int count, Func<BlockChoice, IReadOnlyList<int>> places)
    {
        var inverse = new List<int>[count];
        for (int i = 0; i < count; i++)
        {
            inverse[i] = [];
        }

        for (int b = 0; b < space.Blocks.Count; b++)
        {
            foreach (int place in places(space.Blocks[b]))
            {
                inverse[place].Add(b);
            }
        }

        return [.. inverse.Select(l => l.ToArray())];
    }

    // The widths of a group worth looking at: where one more unit would make some cost higher, so that all below it on the same stair lose
    // more for nothing.
    private int[] Labels(int group, int least, int most, (int Least, int Most)[] kept)
    {
        if (most - least < MostLabels)
        {
            return [.. Enumerable.Range(least, most - least + 1)];
        }

        CostTerm[] own = [.. space.Terms.Where(t => t.Groups.Contains(group))];
        int[] at = [.. kept.Select(k => k.Most)];
        LayerCost[][] costs = [.. Enumerable.Range(least, most - least + 1).Select(stay =>
        {
            at[group] = stay;
            return own.Select(t => t.At(at)).ToArray();
        })];
        bool Rises(int i)
        {
            return costs[i].Zip(costs[i + 1]).Any(p => p.Second.Seconds > p.First.Seconds || p.Second.Joules > p.First.Joules);
        }

        int[] tops = [.. Enumerable.Range(least, most - least).Where(stay => Rises(stay - least)), most];
        if (tops.Length > MostLabels)
        {
            // Ends of real stairs stay before points of a slope: aligned widths, then evenly.
            int step = (int)Math.Ceiling((double)(most - least) / (MostLabels - 2));
            int aligned = step <= 4 ? 4 : (step + 7) / 8 * 8;
            tops = [.. tops.Where(t => t % aligned == 0).Append(least).Append(most).Distinct().Order()];
        }

        return tops[0] == least ? tops : [least, .. tops];
    }

    private void Add(List<ChoiceFactor> factors, CostTerm term, int[] blocks, Func<int, CostMetric?> metricOf)
    {
        int constraints = Limits.Count;
        CostMetric?[] metrics = [.. Enumerable.Range(0, constraints).Select(metricOf)];
        int[] scope = [.. term.Groups, .. blocks.Select(b => groups + b)];
        int[] labels = [.. scope.Select(v => variables[v].Labels)];
        double size = labels.Aggregate(1.0, (product, n) => product * n);
        if (size > LargestTable)
        {
            factors.Add(ChoiceFactor.Wide(scope, constraints, (at, c) => At(at, c), [.. Relaxed(term, blocks, metrics)]));
            return;
        }

        var costs = new double[constraints][];
        int[] staying = [.. variables.Take(groups).Select(v => v.Kept[^1])];
        LayerCost[] all = [.. Enumerable.Range(0, (int)size).Select(entry =>
        {
            bool gone = false;
            for (int place = scope.Length - 1; place >= 0; place--)
            {
                int label = entry % labels[place];
                entry /= labels[place];
                gone |= scope[place] >= groups && label == 0;
                if (scope[place] < groups)
                {
                    staying[scope[place]] = variables[scope[place]].Kept[label];
                }
            }

            return gone ? default : term.At(staying);
        })];
        for (int c = 0; c < constraints; c++)
        {
            costs[c] = metrics[c] is { } metric ? [.. all.Select(cost => cost.Of(metric) / Limits[c].Limit)] : [];
            // A table of nothing is not carried along.
            costs[c] = costs[c].All(x => x == 0) ? [] : costs[c];
        }

        if (costs.Any(t => t.Length > 0))
        {
            factors.Add(new ChoiceFactor(scope, labels, costs));
        }

        double At(int[] at, int c)
        {
            if (metrics[c] is not { } metric || blocks.Any(b => at[groups + b] == 0))
            {
                return 0;
            }

            int[] stay = [.. Enumerable.Range(0, groups).Select(g => variables[g].Kept[at[g]])];
            return term.At(stay).Of(metric) / Limits[c].Limit;
        }
    }

    // For each group the least that the term can cost at each of its widths, whatever the other groups do; the mean of these over the
    // groups is nowhere above the term.
    private IEnumerable<ChoiceFactor> Relaxed(CostTerm term, int[] blocks, CostMetric?[] metrics)
    {
        if (blocks.Length > 0)
        {
            yield break; // the block may go: nothing is certain to be spent
        }

        foreach (int group in term.Groups)
        {
            int labels = variables[group].Labels;
            double[][] costs = [.. metrics.Select(m => m is null ? Array.Empty<double>() : new double[labels])];
            bool told = true;
            for (int label = 0; label < labels && told; label++)
            {
                told = TryLeast(term, group, variables[group].Kept[label], out LayerCost least);
                for (int c = 0; c < metrics.Length && told; c++)
                {
                    if (metrics[c] is { } metric)
                    {
                        costs[c][label] = least.Of(metric) / Limits[c].Limit / term.Groups.Count;
                    }
                }
            }

            if (told)
            {
                yield return new ChoiceFactor([group], [labels], costs);
            }
        }
    }

    private bool TryLeast(CostTerm term, int group, int stay, out LayerCost least)
    {
        (int Low, int High)[] ranges = [.. term.Widths.Select(w => (Extreme(w, v => v.Kept[0]), Extreme(w, v => v.Kept[^1])))];
        least = default;
        if (ranges.Aggregate(1.0, (product, r) => product * (r.High - r.Low + 1)) > LargestScan)
        {
            return false;
        }

        double seconds = double.PositiveInfinity;
        double joules = double.PositiveInfinity;
        double macs = double.PositiveInfinity;
        double bytes = double.PositiveInfinity;
        int[] at = [.. ranges.Select(r => r.Low)];
        while (true)
        {
            LayerCost cost = term.AtWidths(at);
            (seconds, joules) = (Math.Min(seconds, cost.Seconds), Math.Min(joules, cost.Joules));
            (macs, bytes) = (Math.Min(macs, cost.Macs), Math.Min(bytes, cost.Bytes));
            int axis = 0;
            while (axis < at.Length && ++at[axis] > ranges[axis].High)
            {
                at[axis] = ranges[axis].Low;
                axis++;
            }

            if (axis == at.Length)
            {
                break;
            }
        }

        least = new LayerCost(seconds, joules, macs, bytes);
        return true;

        int Extreme(LayerWidth width, Func<ChoiceVariable, int> units)
        {
            return width.Fixed + width.Parts.Sum(p => p.Each * (p.Group == group ? stay : units(variables[p.Group])));
        }
    }

    // A group inside a block loses nothing of its own once the block is gone.
    private ChoiceFactor Inside(int group, double[] lost)
    {
        int[] blocks = [.. Enumerable.Range(0, space.Blocks.Count).Where(b => space.Blocks[b].Groups.Contains(group))];
        int[] scope = [group, .. blocks.Select(b => groups + b)];
        int[] labels = [.. scope.Select(v => variables[v].Labels)];
        int each = labels.Skip(1).Aggregate(1, (product, n) => product * n);
        // The last entry of each row has all blocks in place.
        double[] losses = [.. Enumerable.Range(0, labels[0] * each).Select(entry =>
            entry % each == each - 1 ? lost[lost.Length - 1 - variables[group].Kept[entry / each]] : 0)];
        return new ChoiceFactor(scope, labels, [.. Limits.Select(_ => Array.Empty<double>())], losses);
    }

    private ChoiceFactor Excluded(int block, int other)
    {
        // Large enough that no choice prefers it, small enough to add up exactly.
        double never = 1e3 * (1 + space.Blocks.Sum(b => b.Lost) + space.Scores.Sum());
        return new ChoiceFactor([groups + block, groups + other], [2, 2], [.. Limits.Select(_ => Array.Empty<double>())], [never, 0, 0, 0]);
    }
}
