namespace EdgePrune.Pruner.Budget.Search;

/// <summary>
/// A lower bound on the loss by Lagrangian relaxation of the limits (Everett 1963; Fisher 1981) and dual decomposition of what is
/// left, a graphical model, with max-product linear programming (Globerson and Jaakkola 2007). Whatever the multipliers and
/// messages are, the value is a bound; more rounds only make it a better one. The labels that the rounds decode are good
/// beginnings for a search.
/// </summary>
internal sealed class DualBound
{
    private readonly ChoiceProblem problem;
    private readonly ChoiceFactor[] factors;
    private readonly double[][][] messages;
    private readonly double[][] beliefs;
    private readonly double[] multipliers;
    private readonly double[] bestMultipliers;
    private readonly double lossWeight;
    private readonly double[] scratch;

    /// <param name="problem">What is decided.</param>
    /// <param name="multipliers">Price of each limit at the beginning, in loss for the whole limit.</param>
    /// <param name="lossWeight">0 for a bound on the costs alone.</param>
    public DualBound(ChoiceProblem problem, double[] multipliers, double lossWeight = 1)
    {
        this.problem = problem;
        this.multipliers = [.. multipliers];
        bestMultipliers = [.. multipliers];
        this.lossWeight = lossWeight;
        factors = [.. problem.Factors.SelectMany(f => f.Relaxation)];
        messages = [.. factors.Select(f => f.Labels.Select(n => new double[n]).ToArray())];
        beliefs = [.. problem.Variables.Select(v => v.Loss.Select(l => l * lossWeight).ToArray())];
        scratch = new double[factors.Select(f => f.Size).DefaultIfEmpty(1).Max()];
    }

    /// <summary>The best bound so far.</summary>
    public double Best { get; private set; } = double.NegativeInfinity;

    /// <summary>The multipliers that gave it.</summary>
    public IReadOnlyList<double> BestMultipliers => bestMultipliers;

    /// <summary>Goes back to the multipliers that gave the best bound.</summary>
    public void Return() => bestMultipliers.CopyTo(multipliers, 0);

    /// <summary>Labels that are best by the messages of now.</summary>
    public int[] Decode() => [.. beliefs.Select(b => Array.IndexOf(b, b.Min()))];

    /// <summary>Passes messages over all factors, there and back, and returns the bound that they prove.</summary>
    /// <param name="passes">Number of passes; each can only raise the bound for the multipliers of now.</param>
    public double Pass(int passes)
    {
        for (int i = 0; i < passes; i++)
        {
            for (int f = 0; f < factors.Length; f++)
            {
                Update(f);
            }

            for (int f = factors.Length - 1; f >= 0; f--)
            {
                Update(f);
            }
        }

        return Value();
    }

    /// <summary>Tries every multiplier times each of these factors, all of them first and then one by one, and stays at the best.</summary>
    /// <returns>Passes made.</returns>
    public int Scale(IReadOnlyList<double> scales)
    {
        int passes = 0;
        for (int c = -1; c < (multipliers.Length > 1 ? multipliers.Length : 0); c++)
        {
            double[] from = [.. bestMultipliers];
            foreach (double scale in scales)
            {
                for (int i = 0; i < multipliers.Length; i++)
                {
                    multipliers[i] = from[i] * (c < 0 || i == c ? scale : 1);
                }

                Pass(2);
                passes += 3;
            }

            Return();
        }

        return passes;
    }

    /// <summary>Moves the multipliers towards what the decoded entries overspend (subgradient with Polyak's step).</summary>
    /// <param name="upper">The loss of a choice that is known to be possible.</param>
    /// <param name="step">Share of Polyak's step, above 0 and below 2.</param>
    public void MoveMultipliers(double upper, double step)
    {
        double[] gradient = new double[multipliers.Length];
        for (int c = 0; c < gradient.Length; c++)
        {
            gradient[c] = problem.Constant[c] - 1;
        }

        for (int f = 0; f < factors.Length; f++)
        {
            int entry = ArgMin(f);
            for (int c = 0; c < gradient.Length; c++)
            {
                gradient[c] += factors[f].Costs[c].Length == 0 ? 0 : factors[f].Costs[c][entry];
            }
        }

        // A multiplier at 0 is not pushed below it.
        for (int c = 0; c < gradient.Length; c++)
        {
            gradient[c] = multipliers[c] <= 0 && gradient[c] < 0 ? 0 : gradient[c];
        }

        double norm = gradient.Sum(g => g * g);
        double gap = Math.Max(0, upper - Value());
        if (norm < 1e-18 || gap == 0)
        {
            return;
        }

        for (int c = 0; c < multipliers.Length; c++)
        {
            multipliers[c] = Math.Max(0, multipliers[c] + (step * gap / norm * gradient[c]));
        }
    }

    private double Value()
    {
        double value = 0;
        for (int c = 0; c < multipliers.Length; c++)
        {
            value += multipliers[c] * (problem.Constant[c] - 1);
        }

        value += beliefs.Sum(b => b.Min());
        for (int f = 0; f < factors.Length; f++)
        {
            Fill(f);
            value += Rows.Least(scratch.AsSpan(0, factors[f].Size));
        }

        if (value > Best)
        {
            Best = value;
            multipliers.CopyTo(bestMultipliers, 0);
        }

        return value;
    }

    private int ArgMin(int f)
    {
        Fill(f);
        int best = 0;
        for (int i = 1; i < factors[f].Size; i++)
        {
            best = scratch[i] < scratch[best] ? i : best;
        }

        return best;
    }

    // The factor's table for the multipliers of now, less what it has told its variables.
    private void Fill(int f)
    {
        ChoiceFactor factor = factors[f];
        Priced(factor);
        for (int place = 0; place < factor.Scope.Length; place++)
        {
            AddAlong(factor, place, messages[f][place], -1);
        }
    }

    private void Priced(ChoiceFactor factor)
    {
        Span<double> table = scratch.AsSpan(0, factor.Size);
        table.Clear();
        if (factor.Loss.Length > 0)
        {
            Rows.AddScaled(table, factor.Loss, lossWeight);
        }

        for (int c = 0; c < multipliers.Length; c++)
        {
            if (factor.Costs[c].Length > 0 && multipliers[c] != 0)
            {
                Rows.AddScaled(table, factor.Costs[c], multipliers[c]);
            }
        }
    }

    private void AddAlong(ChoiceFactor factor, int place, double[] values, double sign)
    {
        (int inner, int labels, int size) = Shape(factor, place);
        if (inner == 1)
        {
            for (int start = 0; start < size; start += labels)
            {
                Rows.AddScaled(scratch.AsSpan(start, labels), values, sign);
            }

            return;
        }

        for (int start = 0; start < size; start += inner * labels)
        {
            for (int label = 0; label < labels; label++)
            {
                Rows.Add(scratch.AsSpan(start + (label * inner), inner), sign * values[label]);
            }
        }
    }

    private void Update(int f)
    {
        ChoiceFactor factor = factors[f];
        int places = factor.Scope.Length;
        Priced(factor);
        for (int place = 0; place < places; place++)
        {
            // What the variable knows from elsewhere.
            double[] belief = beliefs[factor.Scope[place]];
            double[] message = messages[f][place];
            for (int label = 0; label < belief.Length; label++)
            {
                belief[label] -= message[label];
            }

            AddAlong(factor, place, belief, 1);
        }

        for (int place = 0; place < places; place++)
        {
            double[] least = MinAlong(factor, place);
            double[] belief = beliefs[factor.Scope[place]];
            double[] message = messages[f][place];
            for (int label = 0; label < belief.Length; label++)
            {
                message[label] = (least[label] / places) - belief[label];
                belief[label] += message[label];
            }
        }
    }

    private double[] MinAlong(ChoiceFactor factor, int place)
    {
        (int inner, int labels, int size) = Shape(factor, place);
        double[] least = new double[labels];
        Array.Fill(least, double.PositiveInfinity);
        if (inner == 1)
        {
            for (int start = 0; start < size; start += labels)
            {
                Rows.KeepLeast(least, scratch.AsSpan(start, labels));
            }

            return least;
        }

        for (int start = 0; start < size; start += inner * labels)
        {
            for (int label = 0; label < labels; label++)
            {
                least[label] = Math.Min(least[label], Rows.Least(scratch.AsSpan(start + (label * inner), inner)));
            }
        }

        return least;
    }

    // Entries between two labels of a variable, its labels, and all entries.
    private static (int Inner, int Labels, int Size) Shape(ChoiceFactor factor, int place)
    {
        int inner = 1;
        for (int p = place + 1; p < factor.Scope.Length; p++)
        {
            inner *= factor.Labels[p];
        }

        return (inner, factor.Labels[place], factor.Size);
    }
}
