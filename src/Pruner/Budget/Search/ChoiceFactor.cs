namespace EdgePrune.Pruner.Budget.Search;

/// <summary>
/// What a few decisions cost together, one table for each constraint over the labels of its variables (row-major, the last one
/// fastest). Costs are in shares of the constraint's limit.
/// </summary>
internal sealed class ChoiceFactor
{
    private readonly int[] strides;
    private readonly Func<int[], int, double>? function;

    /// <param name="scope">Its variables, each once.</param>
    /// <param name="labels">Their numbers of labels.</param>
    /// <param name="costs">By constraint; an empty table is 0 everywhere.</param>
    /// <param name="loss">Importance lost, where it depends on several decisions; empty for none.</param>
    public ChoiceFactor(int[] scope, int[] labels, double[][] costs, double[]? loss = null)
    {
        Scope = scope;
        Labels = labels;
        Costs = costs;
        Loss = loss ?? [];
        strides = Strides(labels);
        Relaxation = [this];
    }

    private ChoiceFactor(int[] scope, int constraints, Func<int[], int, double> function, IReadOnlyList<ChoiceFactor> relaxation)
        : this(scope, [], [.. Enumerable.Repeat(Array.Empty<double>(), constraints)])
    {
        this.function = function;
        Relaxation = relaxation;
    }

    /// <summary>A factor with too many decisions for a table.</summary>
    /// <param name="scope">Its variables.</param>
    /// <param name="constraints">Number of constraints.</param>
    /// <param name="function">Cost at the labels of all variables, for a constraint.</param>
    /// <param name="relaxation">Tables whose sum is nowhere above it.</param>
    public static ChoiceFactor Wide(int[] scope, int constraints, Func<int[], int, double> function, IReadOnlyList<ChoiceFactor> relaxation) =>
        new(scope, constraints, function, relaxation);

    public int[] Scope { get; }

    public int[] Labels { get; }

    public double[][] Costs { get; }

    public double[] Loss { get; }

    /// <summary>Tables whose sum is nowhere above this factor: itself where it is a table.</summary>
    public IReadOnlyList<ChoiceFactor> Relaxation { get; }

    public int Size => Labels.Aggregate(1, (product, n) => product * n);

    /// <summary>Cost for a constraint at the labels of all variables.</summary>
    public double Cost(int[] at, int constraint) =>
        function is not null ? function(at, constraint)
        : Costs[constraint].Length == 0 ? 0 : Costs[constraint][Index(at)];

    /// <summary>Importance lost at the labels of all variables.</summary>
    public double LossAt(int[] at) => Loss.Length == 0 ? 0 : Loss[Index(at)];

    /// <summary>The same table for some of the labels.</summary>
    /// <param name="low">First label of each variable that stays.</param>
    /// <param name="high">Last label of each variable that stays.</param>
    public ChoiceFactor Slice(int[] low, int[] high)
    {
        int[] labels = [.. Scope.Select(v => high[v] - low[v] + 1)];
        int size = labels.Aggregate(1, (product, n) => product * n);
        int[] inner = Strides(labels);
        int[] from = new int[size];
        for (int entry = 0; entry < size; entry++)
        {
            for (int place = 0; place < labels.Length; place++)
            {
                from[entry] += (low[Scope[place]] + (entry / inner[place] % labels[place])) * strides[place];
            }
        }

        double[] Taken(double[] table)
        {
            return table.Length == 0 ? table : [.. from.Select(i => table[i])];
        }

        return new ChoiceFactor(Scope, labels, [.. Costs.Select(Taken)], Loss.Length == 0 ? null : Taken(Loss));
    }

    private int Index(int[] at)
    {
        int index = 0;
        for (int i = 0; i < Scope.Length; i++)
        {
            index += at[Scope[i]] * strides[i];
        }

        return index;
    }

    private static int[] Strides(int[] labels)
    {
        int[] strides = new int[labels.Length];
        for (int i = labels.Length - 1, stride = 1; i >= 0; stride *= labels[i], i--)
        {
            strides[i] = stride;
        }

        return strides;
    }
}
