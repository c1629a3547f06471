namespace EdgePrune.Pruner.Budget.Search;

/// <summary>
/// Decisions, what they cost together, and the loss to be kept small: min Σ loss(x) subject to Σ cost_c(x) ≤ 1 for each constraint c.
/// </summary>
/// <param name="Variables">The decisions.</param>
/// <param name="Factors">Costs, in shares of the limits, and losses of several decisions together.</param>
/// <param name="Constant">What is spent of each limit whatever is decided.</param>
internal sealed record ChoiceProblem(IReadOnlyList<ChoiceVariable> Variables, IReadOnlyList<ChoiceFactor> Factors, double[] Constant)
{
    public int Constraints => Constant.Length;

    /// <summary>Entries of all tables that a bound passes over.</summary>
    public long Work => Factors.SelectMany(f => f.Relaxation).Sum(f => (long)f.Size * (f.Scope.Length + 1));

    /// <summary>A relaxation of the problem with some of the labels of each variable.</summary>
    public ChoiceProblem Slice(int[] low, int[] high) => new(
        [.. Variables.Select((v, i) => new ChoiceVariable(v.Kept[low[i]..(high[i] + 1)], v.Loss[low[i]..(high[i] + 1)]))],
        [.. Factors.SelectMany(f => f.Relaxation).Select(f => f.Slice(low, high))],
        Constant);

    /// <summary>Everything stays.</summary>
    public int[] Full => [.. Variables.Select(v => v.Labels - 1)];

    public double Loss(int[] at) => Variables.Select((v, i) => v.Loss[at[i]]).Sum() + Factors.Sum(f => f.LossAt(at));

    /// <summary>What is spent of a limit; at most 1 is allowed.</summary>
    public double Spent(int[] at, int constraint) => Constant[constraint] + Factors.Sum(f => f.Cost(at, constraint));
}
