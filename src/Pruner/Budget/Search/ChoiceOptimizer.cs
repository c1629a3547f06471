namespace EdgePrune.Pruner.Budget.Search;

/// <summary>A choice and what is known of the best one there is.</summary>
/// <param name="Labels">A label for each variable.</param>
/// <param name="Loss">Importance that it loses.</param>
/// <param name="Bound">No choice within the limits loses less; 0 where nothing better is known.</param>
/// <param name="Met">True where the limits are met.</param>
internal sealed record OptimizedChoice(int[] Labels, double Loss, double Bound, bool Met);

/// <summary>
/// Search and bound in turns: the bound's labels are beginnings for the search, the search's loss sets the bound's steps. Where a
/// gap is left the range of one decision is halved and both halves are bounded (branch and bound), as long as the work allowed lasts;
/// work is counted and not timed, so that the same problem always ends the same.
/// </summary>
internal sealed class ChoiceOptimizer
{
    private const int RootRounds = 80;
    private const int NodeRounds = 15;
    private const int MostSearches = 40;
    private const int Patience = 4;
    private const double Close = 0.002;
    private static readonly double[] Scales = [0, 0.1, 0.25, 0.5, 0.75, 1.5, 2, 4];

    // Table entries passed over, all rounds together: a second or two.
    private const long MostWork = 1_000_000_000;

    private readonly ChoiceProblem problem;
    private readonly CancellationToken cancel;
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private long work;
    private int[] best;
    private double upper;
    private bool met;

    private ChoiceOptimizer(ChoiceProblem problem, CancellationToken cancel)
    {
        this.problem = problem;
        this.cancel = cancel;
        best = problem.Full;
        upper = problem.Variables.Sum(v => v.Loss.Max()) + problem.Factors.Sum(f => f.Loss.DefaultIfEmpty(0).Max());
    }

    private sealed record Node(int[] Low, int[] High, double[] Prices);

    public static OptimizedChoice Run(ChoiceProblem problem, CancellationToken cancel) => new ChoiceOptimizer(problem, cancel).Run();

    /// <summary>The least that can be spent of one limit, whatever is lost, in shares of the limit: a proven floor and what was found.</summary>
    public static (double Bound, double Found) Least(ChoiceProblem problem, int constraint, CancellationToken cancel)
    {
        double[] prices = new double[problem.Constraints];
        prices[constraint] = 1;
        var dual = new DualBound(problem, prices, lossWeight: 0);
        double proven = dual.Pass(40) + 1;
        double found = problem.Spent(dual.Decode(), constraint);
        // Everything at its least is a choice as well, and often the cheapest.
        found = Math.Min(found, problem.Spent([.. problem.Variables.Select(_ => 0)], constraint));
        cancel.ThrowIfCancellationRequested();
        return (Math.Min(proven, found), found);
    }

    private OptimizedChoice Run()
    {
        if (new ChoiceSearch(problem, problem.Full) is { Fits: true } whole)
        {
            return new OptimizedChoice(whole.Labels, whole.Loss, whole.Loss, true);
        }

        Improve(problem.Full);
        int[] low = [.. problem.Variables.Select(_ => 0)];
        // To begin with all limits together cost about what is lost.
        double[] prices = [.. Enumerable.Repeat(upper / problem.Constraints, problem.Constraints)];
        var open = new PriorityQueue<Node, double>();
        double closed = double.PositiveInfinity;
        Add(open, new Node(low, problem.Full, prices), RootRounds, ref closed);
        double everything = upper;
        while (open.TryDequeue(out Node? node, out double proven))
        {
            // Losing everything would not be enough: no choice keeps the limits.
            if (!met && proven > everything)
            {
                break;
            }

            if (Enough(proven) || work > MostWork || !TrySplit(node, out int variable, out int at))
            {
                closed = Math.Min(closed, proven);
                break; // the others are bounded by no less
            }

            int[] high = [.. node.High];
            high[variable] = at;
            Add(open, node with { High = high }, NodeRounds, ref closed);
            int[] above = [.. node.Low];
            above[variable] = at + 1;
            Add(open, node with { Low = above }, NodeRounds, ref closed);
        }

        double bound = Math.Min(closed, upper);
        return new OptimizedChoice(best, met ? upper : problem.Loss(best), met ? Math.Max(0, bound) : 0, met);
    }

    private bool Enough(double bound) => met && bound >= upper * (1 - Close);

    // Bounds a part of the problem; it stays open while something better than what was found could be in it.
    private void Add(PriorityQueue<Node, double> open, Node node, int rounds, ref double closed)
    {
        ChoiceProblem part = problem.Slice(node.Low, node.High);
        var dual = new DualBound(part, node.Prices);
        if (rounds == RootRounds)
        {
            dual.Pass(4);
            work += part.Work * (5 + dual.Scale(Scales));
        }

        double step = 1;
        int stagnant = 0;
        for (int round = 0; round < rounds && !Enough(dual.Best) && work <= MostWork; round++)
        {
            cancel.ThrowIfCancellationRequested();
            int passes = round == 0 && rounds != RootRounds ? 6 : 2;
            work += part.Work * (passes + 1);
            double before = dual.Best;
            dual.Pass(passes);
            // Steps that stopped raising the bound were too long.
            stagnant = dual.Best > before + (1e-6 * Math.Abs(upper)) ? 0 : stagnant + 1;
            if (stagnant >= Patience)
            {
                dual.Return();
                dual.Pass(1);
                step = Math.Max(step / 2, 0.01);
                stagnant = 0;
            }

            Improve([.. dual.Decode().Select((label, v) => label + node.Low[v])]);
            dual.MoveMultipliers(upper, step);
        }

        if (Enough(dual.Best))
        {
            closed = Math.Min(closed, dual.Best);
        }
        else
        {
            open.Enqueue(node with { Prices = [.. dual.BestMultipliers] }, dual.Best);
        }
    }

    // The decision whose range still leaves the most to lose, halved by loss.
    private bool TrySplit(Node node, out int variable, out int at)
    {
        double Spread(int v)
        {
            return problem.Variables[v].Loss[node.Low[v]] - problem.Variables[v].Loss[node.High[v]] + (node.High[v] > node.Low[v] ? 1e-9 : 0);
        }

        variable = Enumerable.Range(0, node.Low.Length).MaxBy(Spread);
        at = node.Low[variable];
        if (node.High[variable] == node.Low[variable])
        {
            return false;
        }

        double[] loss = problem.Variables[variable].Loss;
        double middle = (loss[node.Low[variable]] + loss[node.High[variable]]) / 2;
        while (at < node.High[variable] - 1 && loss[at + 1] >= middle)
        {
            at++;
        }

        return true;
    }

    private void Improve(int[] start)
    {
        if (seen.Count >= MostSearches || !seen.Add(string.Join(',', start)))
        {
            return;
        }

        var search = new ChoiceSearch(problem, start);
        bool fits = search.Run(cancel);
        if (fits && (!met || search.Loss < upper))
        {
            (best, upper, met) = (search.Labels, search.Loss, true);
        }
        else if (!met && seen.Count == 1)
        {
            best = search.Labels;
        }
    }
}
