using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Pruner.Schedules;

/// <summary>A model that is cut several times; its units are called by the ids that they had in the original.</summary>
internal sealed class ShrinkingModel
{
    private readonly ScheduleContext context;
    private readonly HashSet<int> removed = [];
    private CouplingResult coupling;
    private int[] originalOf;
    private ReconstructionResult? fitted;
    private int dropped;

    public ShrinkingModel(ScheduleContext context)
    {
        this.context = context;
        Model = context.Model;
        coupling = context.Coupling;
        originalOf = [.. Enumerable.Range(0, coupling.Units.Count)];
    }

    /// <summary>The model as it is now.</summary>
    public OnnxModel Model { get; private set; }

    /// <summary>Units of the original that are gone.</summary>
    public IReadOnlySet<int> Removed => removed;

    /// <summary>The worst of the cuts so far.</summary>
    public EquivalenceReport? Equivalence { get; private set; }

    /// <summary>Scores of what is left, by the original's ids; zero for what is gone.</summary>
    public double[] Score()
    {
        if (ReferenceEquals(Model, context.Model))
        {
            return [.. context.Initial];
        }

        double[] own = context.Score(Model, coupling);
        double[] scores = new double[context.Coupling.Units.Count];
        // What the cut model cannot cut any more is what it needs most.
        Array.Fill(scores, own.DefaultIfEmpty(0).Max());
        for (int u = 0; u < own.Length; u++)
        {
            scores[originalOf[u]] = own[u];
        }

        return ScheduleContext.WithGone(scores, removed);
    }

    /// <summary>Cuts units; the law of surgery is checked.</summary>
    /// <param name="units">The original's ids; those that are gone already do not matter.</param>
    /// <returns>How many went.</returns>
    /// <exception cref="InputException">A unit cannot be cut any more.</exception>
    public int Cut(IEnumerable<int> units)
    {
        Dictionary<int, int> present = originalOf.Select((original, own) => (original, own)).ToDictionary(p => p.original, p => p.own);
        int[] wanted = [.. units.Where(u => !removed.Contains(u)).Distinct().Order()];
        if (wanted.Length == 0)
        {
            return 0;
        }

        int[] own = [.. wanted.Select(u => present.TryGetValue(u, out int id)
            ? id
            : throw new InputException($"unit {u} ('{Printable.Name(context.Coupling.Units[u].Slices[0].Tensor)}') cannot be cut any more after earlier cuts; prune this model in one cut"))];
        (OnnxModel cut, PruningPlan plan) = ModelSurgeon.Cut(Model, coupling, own, new SurgeryOptions { Constants = context.Options.Constants });
        EquivalenceReport report = MaskedEquivalence.Check(Model, cut, plan, seed: context.Options.Seed, shapes: context.Options.Shapes);
        Equivalence = Equivalence is { } worst && (!worst.Ok || (report.Ok && worst.MaxRelError >= report.MaxRelError)) ? worst : report;
        removed.UnionWith(wanted);
        Replace(cut);
        return wanted.Length;
    }

    /// <summary>What has become of the model.</summary>
    /// <param name="stages">What happened, in order.</param>
    public ScheduledModel Result(IReadOnlyList<ScheduleStage> stages) =>
        // Where no cut was made, the model is equal to itself.
        new(Model, [.. removed], Equivalence ?? new EquivalenceReport(0, 0, true, 0), stages) { Fitted = fitted, DroppedTrainings = dropped };

    /// <summary>Trains the model on, where that wins something.</summary>
    /// <exception cref="InputException">The training lacks what it needs, or diverges.</exception>
    public void Train(RecoveryOptions recovery, TrainingDetail detail)
    {
        OnnxModel trained = RecoveryTraining.Run(Model, recovery, recovery.Steps, detail, context.Cancellation);
        if (recovery.Steps > 0 && ReferenceEquals(trained, Model))
        {
            dropped++;
            return;
        }

        Replace(trained);
    }

    /// <summary>Goes on with the fitted model.</summary>
    public void Replace(ReconstructionResult result)
    {
        fitted = result;
        Replace(result.Model);
    }

    /// <summary>Goes on with a model of the same shapes and other weights, or with what is left after a cut.</summary>
    public void Replace(OnnxModel model)
    {
        Model = model;
        coupling = CouplingAnalysis.Run(model, ShapeProbe.Run(model, null, context.Options.Shapes), context.Options.Coupling);
        originalOf = UnitMap.Of(context.Coupling, coupling, removed);
    }
}
