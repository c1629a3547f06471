using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace EdgePrune.Profiler.Statistics;

/// <summary>The search of <see cref="NonNegativeLeastSquares"/>, on columns and a target of length 1.</summary>
internal sealed class NnlsActiveSet
{
    /// <summary>Part of a column's length that must be new to be more than rounding.</summary>
    private const double Dependent = 1e-10;

    /// <summary>A gradient above this is more than rounding.</summary>
    private const double GradientTolerance = 1e-11;

    private readonly double[][] columns;
    private readonly double[] target;
    private readonly bool[] free;
    private readonly bool[] usable;
    private readonly List<int> active = [];
    private int left;

    public NnlsActiveSet(double[][] columns, double[] lengths, double[] target, bool[]? free)
    {
        this.columns = columns;
        this.target = target;
        this.free = free ?? new bool[columns.Length];
        usable = [.. lengths.Select(length => length > 0)];
        Values = new double[columns.Length];
        left = 30 + (10 * columns.Length);
    }

    public double[] Values { get; private set; }

    /// <returns>False where the bound on factorisations was reached.</returns>
    public bool Run()
    {
        if (!TryStartFull())
        {
            StartFree();
        }

        while (TryEnter())
        {
            if (!TryReachFeasible())
            {
                return false;
            }
        }

        return left > 0;
    }

    public double Condition()
    {
        if (active.Count == 0)
        {
            return 1;
        }

        Vector<double> singular = Design(active).Svd(computeVectors: false).S;
        double smallest = active.Count > target.Length ? 0 : singular.Minimum();
        return smallest <= 0 ? double.PositiveInfinity : singular.Maximum() / smallest;
    }

    /// <summary>Starts with every column, then without those that come out negative, until none does.</summary>
    private bool TryStartFull()
    {
        active.AddRange(Enumerable.Range(0, columns.Length).Where(j => usable[j]));
        while (active.Count > 0)
        {
            if (!TrySolve(active, out double[] z))
            {
                active.Clear();
                return false;
            }

            int[] negative = [.. active.Where((j, k) => z[k] <= 0 && !free[j])];
            if (negative.Length == 0)
            {
                Take(z);
                break;
            }

            active.RemoveAll(j => negative.Contains(j));
        }

        return true;
    }

    /// <summary>Starts with the free columns that do not depend on each other.</summary>
    private void StartFree()
    {
        foreach (int j in Enumerable.Range(0, columns.Length).Where(j => free[j] && usable[j]))
        {
            active.Add(j);
            if (!TrySolve(active, out double[] z))
            {
                active.Remove(j);
                continue;
            }

            Take(z);
        }
    }

    /// <summary>Lets the column in that promises most; false where none would make the fit better.</summary>
    private bool TryEnter()
    {
        Vector<double> residual = Vector<double>.Build.DenseOfArray(target);
        foreach (int j in active)
        {
            residual -= Values[j] * Vector<double>.Build.Dense(columns[j]);
        }

        double[] rest = residual.ToArray();
        (int Column, double Gradient)[] candidates =
        [
            .. Enumerable.Range(0, columns.Length)
                .Where(j => usable[j] && !active.Contains(j))
                .Select(j => (Column: j, Gradient: Dot(columns[j], rest)))
                .Select(c => (c.Column, Gradient: free[c.Column] ? Math.Abs(c.Gradient) : c.Gradient))
                .Where(c => c.Gradient > GradientTolerance)
                .OrderByDescending(c => c.Gradient),
        ];
        foreach ((int column, _) in candidates)
        {
            active.Add(column);

            // In exact arithmetic the new coefficient is positive; where rounding says otherwise the column brings nothing.
            if (active.Count <= target.Length && TrySolve(active, out double[] z) && (free[column] || z[^1] > 0))
            {
                return left > 0;
            }

            active.RemoveAt(active.Count - 1);
        }

        return false;
    }

    /// <summary>Goes from the last feasible point towards the solution on the active columns; drops those that reach 0.</summary>
    private bool TryReachFeasible()
    {
        while (left > 0 && TrySolve(active, out double[] z))
        {
            double step = 1;
            int first = -1;
            for (int k = 0; k < active.Count; k++)
            {
                double x = Values[active[k]];
                if (!free[active[k]] && z[k] <= 0 && x / (x - z[k]) is double s && (s < step || first < 0))
                {
                    (step, first) = (Math.Min(s, 1), active[k]);
                }
            }

            if (first < 0)
            {
                Take(z);
                return true;
            }

            for (int k = 0; k < active.Count; k++)
            {
                Values[active[k]] += step * (z[k] - Values[active[k]]);
            }

            Values[first] = 0;
            active.RemoveAll(j => !free[j] && Values[j] <= 0);
            foreach (int j in Enumerable.Range(0, Values.Length).Except(active))
            {
                Values[j] = 0;
            }
        }

        return false;
    }

    private void Take(double[] z)
    {
        Values = new double[columns.Length];
        for (int k = 0; k < active.Count; k++)
        {
            Values[active[k]] = z[k];
        }
    }

    /// <summary>Unconstrained least squares on some columns; false where they depend on each other or are more than the rows.</summary>
    private bool TrySolve(List<int> chosen, out double[] solution)
    {
        left--;
        solution = [];
        if (chosen.Count > target.Length)
        {
            return false;
        }

        var factors = Design(chosen).QR(QRMethod.Thin);
        if (factors.R.Diagonal().AbsoluteMinimum() < Dependent)
        {
            return false;
        }

        solution = factors.Solve(Vector<double>.Build.Dense(target)).ToArray();
        return true;
    }

    private Matrix<double> Design(List<int> chosen) => Matrix<double>.Build.DenseOfColumnArrays(chosen.Select(j => columns[j]));

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
