namespace EdgePrune.Pruner.Budget.Search;

/// <summary>
/// Looks for a choice within the limits that loses little: steps of every length compete by loss per cost saved, then what fits
/// comes back, then pairs of decisions are exchanged. Knows what each factor costs now, so that a step is tried by looking at the
/// factors of one variable.
/// </summary>
internal sealed class ChoiceSearch
{
    private const double Tolerance = 1e-9;
    private const int MostExchanges = 400;
    private static readonly int[] Rises = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

    private readonly ChoiceProblem problem;
    private readonly int[][] factorsOf;
    private readonly double[][] cost;
    private readonly int[] at;
    private readonly double[] spent;
    private readonly double[] tried;

    public ChoiceSearch(ChoiceProblem problem, int[] start)
    {
        this.problem = problem;
        at = [.. start];
        factorsOf = [.. problem.Variables.Select((_, v) => Enumerable.Range(0, problem.Factors.Count).Where(f => problem.Factors[f].Scope.Contains(v)).ToArray())];
        cost = [.. problem.Factors.Select(_ => new double[problem.Constraints])];
        spent = [.. problem.Constant];
        tried = new double[problem.Constraints];
        for (int f = 0; f < problem.Factors.Count; f++)
        {
            for (int c = 0; c < problem.Constraints; c++)
            {
                spent[c] += cost[f][c] = problem.Factors[f].Cost(at, c);
            }
        }

        Loss = problem.Loss(at);
    }

    /// <summary>The labels of now.</summary>
    public int[] Labels => [.. at];

    /// <summary>Importance lost now.</summary>
    public double Loss { get; private set; }

    /// <summary>How far beyond the limits, in shares of them, all together; 0: within.</summary>
    public double Excess => ExcessOf(spent);

    public bool Fits => Excess <= Tolerance;

    /// <summary>From where it stands down into the limits, back up to what fits, and on by exchanges. False where the limits were not met.</summary>
    public bool Run(CancellationToken cancel)
    {
        Descend(cancel);
        if (!Fits)
        {
            return false;
        }

        GiveBack();
        for (int i = 0; i < MostExchanges && Exchange(); i++)
        {
            cancel.ThrowIfCancellationRequested();
            GiveBack();
        }

        return true;
    }

    private void Descend(CancellationToken cancel)
    {
        while (!Fits)
        {
            cancel.ThrowIfCancellationRequested();
            double excess = Excess;
            (double Ratio, int Variable, int Label) best = (double.MaxValue, -1, 0);
            for (int v = 0; v < at.Length; v++)
            {
                for (int label = at[v] - 1; label >= 0; label--)
                {
                    double loss = Try(v, label);
                    // What is saved beyond the limit is worth nothing.
                    double saved = excess - ExcessOf(tried);
                    double ratio = (Math.Max(0, loss) + 1e-12) / saved;
                    if (saved > 1e-12 && ratio < best.Ratio)
                    {
                        best = (ratio, v, label);
                    }
                }
            }

            if (best.Variable < 0)
            {
                return;
            }

            Set(best.Variable, best.Label);
        }
    }

    // The most that one variable can get back, over and over until none can.
    private void GiveBack()
    {
        while (true)
        {
            (double Gain, int Variable, int Label) best = (Tolerance, -1, 0);
            for (int v = 0; v < at.Length; v++)
            {
                for (int label = problem.Variables[v].Labels - 1; label > at[v]; label--)
                {
                    double loss = Try(v, label);
                    if (-loss > best.Gain && ExcessOf(tried) <= Tolerance)
                    {
                        best = (-loss, v, label);
                    }
                }
            }

            if (best.Variable < 0)
            {
                return;
            }

            Set(best.Variable, best.Label);
        }
    }

    // One variable gets something back and another pays for it; the first exchange that gains.
    private bool Exchange()
    {
        for (int up = 0; up < at.Length; up++)
        {
            int old = at[up];
            foreach (int rise in Rises)
            {
                int label = Math.Min(old + rise, problem.Variables[up].Labels - 1);
                if (label <= old)
                {
                    break;
                }

                double before = Loss;
                Set(up, label);
                double gain = before - Loss;
                if (gain > Tolerance && TryPay(up, gain))
                {
                    return true;
                }

                Set(up, old);
            }
        }

        return false;
    }

    private bool TryPay(int except, double gain)
    {
        (double Loss, int Variable, int Label) best = (gain - Tolerance, -1, 0);
        for (int v = 0; v < at.Length; v++)
        {
            for (int label = at[v] - 1; v != except && label >= 0; label--)
            {
                double loss = Try(v, label);
                if (loss >= best.Loss)
                {
                    break; // losses only grow further down
                }

                if (ExcessOf(tried) <= Tolerance)
                {
                    best = (loss, v, label);
                }
            }
        }

        if (best.Variable < 0)
        {
            return false;
        }

        Set(best.Variable, best.Label);
        return true;
    }

    // What the limits are spent to, and the loss added, if one variable took another label.
    private double Try(int variable, int label)
    {
        int old = at[variable];
        spent.AsSpan().CopyTo(tried);
        double loss = problem.Variables[variable].Loss[label] - problem.Variables[variable].Loss[old];
        foreach (int f in factorsOf[variable])
        {
            ChoiceFactor factor = problem.Factors[f];
            double then = factor.LossAt(at);
            at[variable] = label;
            loss += factor.LossAt(at) - then;
            for (int c = 0; c < tried.Length; c++)
            {
                tried[c] += factor.Cost(at, c) - cost[f][c];
            }

            at[variable] = old;
        }

        return loss;
    }

    private void Set(int variable, int label)
    {
        Loss += Try(variable, label);
        at[variable] = label;
        foreach (int f in factorsOf[variable])
        {
            for (int c = 0; c < spent.Length; c++)
            {
                double now = problem.Factors[f].Cost(at, c);
                spent[c] += now - cost[f][c];
                cost[f][c] = now;
            }
        }
    }

    private static double ExcessOf(double[] spent)
    {
        double excess = 0;
        foreach (double share in spent)
        {
            excess += Math.Max(0, share - 1);
        }

        return excess;
    }
}
