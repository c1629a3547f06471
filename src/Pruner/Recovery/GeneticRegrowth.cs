using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Recovery;

/// <summary>
/// Densification by a genetic search (Holland, 1975; for pruned networks Xu et al., "Hybrid pruning", 2018, and Sun et al., 2020): an
/// individual says of every unit whether it stays. Parents win tournaments of two, a child takes each group whole from one of them, groups
/// change by chance, and what breaks the budget is repaired by the least important units. The fitness is the loss on the samples with the
/// units masked in the original. The best never dies; equal seeds give equal answers.
/// </summary>
internal sealed class GeneticRegrowth : IDisposable
{
    private const int Batch = 64;
    private const int BroodFactor = 50;

    private readonly ScheduleContext context;
    private readonly DensificationOptions options;
    private readonly IReadOnlyList<double> scores;
    private readonly Random random;
    private readonly CalibrationData data;
    private readonly GatedModel gated;
    private readonly OutputLoss loss;
    private readonly Dictionary<string, double> known = new(StringComparer.Ordinal);

    private GeneticRegrowth(ScheduleContext context, DensificationOptions options, IReadOnlyList<double> scores)
    {
        this.context = context;
        this.options = options;
        this.scores = scores;
        random = new Random(context.Options.Seed);
        data = context.Options.Calibration
            ?? throw new InputException("a genetic search judges choices of units by the loss on samples, and none were given; name training samples (--calibration)");
        gated = new GatedModel(context.Model, context.Coupling, GatedModel.Masked, [], context.Session);
        loss = new OutputLoss(context.Model);
    }

    /// <summary>The units that go in the best choice found; never one of a higher loss than the choice to begin with.</summary>
    /// <param name="context">The model, its units and the budget.</param>
    /// <param name="options">How long to search.</param>
    /// <param name="scores">Importance by unit id, by which broken choices are repaired.</param>
    /// <param name="removed">A choice that keeps the budget.</param>
    /// <exception cref="InputException">There are no samples, or they do not fit the model.</exception>
    public static HashSet<int> Run(ScheduleContext context, DensificationOptions options, IReadOnlyList<double> scores, IEnumerable<int> removed)
    {
        using var search = new GeneticRegrowth(context, options, scores);
        return search.Search([.. removed]);
    }

    public void Dispose() => gated.Dispose();

    private HashSet<int> Search(HashSet<int> start)
    {
        var population = new List<(HashSet<int> Gone, double Loss)> { (start, Loss(start)) };
        for (int trial = 0; population.Count < options.Population && trial < options.Population * BroodFactor; trial++)
        {
            Join(population, Child(start, start, Math.Max(options.Mutation, 0.3)));
        }

        // A search whose children are all known has found what there is: it ends by the number of children as well.
        for (int born = 0; born < options.Evaluations * BroodFactor && known.Count < options.Evaluations && population.Count > 1; born++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Join(population, Child(Winner(population), Winner(population), options.Mutation));
            if (population.Count > options.Population)
            {
                population.Remove(population.MaxBy(p => p.Loss));
            }
        }

        return population.MinBy(p => p.Loss).Gone;
    }

    private void Join(List<(HashSet<int> Gone, double Loss)> population, HashSet<int>? child)
    {
        if (child is not null && known.Count < options.Evaluations && !known.ContainsKey(Key(child)))
        {
            population.Add((child, Loss(child)));
        }
    }

    private HashSet<int> Winner(List<(HashSet<int> Gone, double Loss)> population)
    {
        (HashSet<int> Gone, double Loss) a = population[random.Next(population.Count)], b = population[random.Next(population.Count)];
        return a.Loss <= b.Loss ? a.Gone : b.Gone;
    }

    // Null where no repair keeps the budget.
    private HashSet<int>? Child(HashSet<int> a, HashSet<int> b, double mutation)
    {
        var gone = new HashSet<int>();
        foreach (UnitGroup group in context.Coupling.Groups)
        {
            HashSet<int> parent = random.Next(2) == 0 ? a : b;
            int[] own = [.. group.Units.Select(u => u.Id).Where(parent.Contains)];
            gone.UnionWith(random.NextDouble() < mutation ? Mutated(group, own) : own);
        }

        return Repair(gone) ? gone : null;
    }

    // One comes back, one goes, or one takes the place of another.
    private IEnumerable<int> Mutated(UnitGroup group, int[] gone)
    {
        int[] staying = [.. group.Units.Select(u => u.Id).Except(gone)];
        int kind = random.Next(3);
        bool mayGo = kind != 0 && staying.Length > (kind == 2 && gone.Length > 0 ? 0 : context.Bounds.Least[group.Id]);
        bool mayReturn = kind != 1 && gone.Length > 0 && (kind == 2 || staying.Length < context.Bounds.Most[group.Id]);
        int back = mayReturn ? gone[random.Next(gone.Length)] : -1;
        int away = mayGo ? staying[random.Next(staying.Length)] : -1;
        return gone.Where(u => u != back).Concat(away >= 0 && (kind == 1 || back >= 0) ? [away] : []);
    }

    private bool Repair(HashSet<int> gone)
    {
        int[] staying = [.. context.Coupling.Groups.Select(g => g.Units.Count(u => !gone.Contains(u.Id)))];
        foreach (int unit in Enumerable.Range(0, scores.Count).Where(u => !gone.Contains(u)).OrderBy(u => scores[u]).ThenBy(u => u))
        {
            int group = context.Coupling.Units[unit].Group;
            if (staying[group] > context.Bounds.Most[group])
            {
                gone.Add(unit);
                staying[group]--;
            }
        }

        foreach (int unit in Enumerable.Range(0, scores.Count).Where(u => !gone.Contains(u)).OrderBy(u => scores[u]).ThenBy(u => u).ToArray())
        {
            if (context.Fits(gone))
            {
                return true;
            }

            int group = context.Coupling.Units[unit].Group;
            if (staying[group] > context.Bounds.Least[group])
            {
                gone.Add(unit);
                staying[group]--;
            }
        }

        return context.Fits(gone);
    }

    private double Loss(HashSet<int> gone)
    {
        string key = Key(gone);
        if (known.TryGetValue(key, out double value))
        {
            return value;
        }

        double sum = 0;
        int number = 0;
        string[] outputs = [.. context.Model.Graph.Output.Select(o => o.Name)];
        foreach (DatasetBatch batch in data.Batches(gated.Inputs, Batch))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using NamedValues changed = gated.Run(batch.Values, gone);
            using NamedValues? unchanged = batch.Labels is null ? gated.Run(batch.Values, []) : null;
            sum += loss.Of(changed, unchanged ?? changed, batch.Labels, outputs) * (batch.Labels is null ? batch.Count : 1);
            number += batch.Count;
        }

        // What is not a number must not win.
        value = double.IsNaN(sum) ? double.PositiveInfinity : sum / number;
        known[key] = value;
        return value;
    }

    private static string Key(IEnumerable<int> gone) => string.Join(',', gone.Order());
}
