using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recovery;

namespace EdgePrune.Pruner.Schedules;

/// <summary>What every schedule starts from.</summary>
/// <param name="Model">The model before pruning.</param>
/// <param name="Coupling">Its units.</param>
/// <param name="Bounds">How many units of each group must and may stay.</param>
/// <param name="Budget">The budget and the way to it.</param>
/// <param name="Choose">Asks the budget's solver.</param>
/// <param name="Options">How the model is pruned.</param>
internal sealed record ScheduleContext(
    OnnxModel Model, CouplingResult Coupling, GroupBounds Bounds, StagedBudget Budget, ChooseUnits Choose, PruneOptions Options)
{
    // Units that are gone score zero; a unit of no importance must not be taken for one of them.
    private const double Trifle = 1e-9;

    /// <summary>Scores of the model's units as they are before anything goes, by id.</summary>
    public required IReadOnlyList<double> Initial { get; init; }

    public CancellationToken Cancellation { get; init; }

    /// <summary>True where the budget is kept without these units.</summary>
    public Func<IReadOnlyCollection<int>, bool> Fits { get; init; } = _ => false;

    /// <summary>Threads are a matter of measuring; scoring and training take the cores that there are.</summary>
    public SessionSettings Session => Options.Session with { Threads = Math.Max(Options.Session.Threads, Environment.ProcessorCount) };

    /// <summary>The samples to train on.</summary>
    /// <exception cref="InputException">There are none.</exception>
    public RecoveryOptions Training => Options.Recovery
        ?? throw new InputException($"the schedule '{Options.Schedule.Kind}' trains, and no labelled samples were given to train on; name them (--train)");

    /// <summary>Scores of a model's units by the criterion asked for.</summary>
    public double[] Score(OnnxModel model, CouplingResult coupling) => UnitScoring.Score(
        new ImportanceContext(model, coupling) { Seed = Options.Seed, Session = Session, Data = Options.Calibration, Cancellation = Cancellation }, Options.Scoring);

    /// <summary>The scores of units of which some are gone: those are zero, and no other is.</summary>
    public static double[] WithGone(IReadOnlyList<double> scores, IReadOnlySet<int> gone)
    {
        double least = Trifle * scores.DefaultIfEmpty(0).Max();
        return [.. scores.Select((s, u) => gone.Contains(u) ? 0 : Math.Max(s, least))];
    }

    /// <summary>The units that go at a stage; those that are gone stay gone.</summary>
    /// <param name="scores">Importance by unit id.</param>
    /// <param name="gone">What is gone already.</param>
    /// <param name="budget">What may remain.</param>
    public HashSet<int> Next(IReadOnlyList<double> scores, IReadOnlySet<int> gone, BudgetRequest budget)
    {
        int[] most = [.. Bounds.Most];
        foreach (UnitGroup group in Coupling.Groups)
        {
            most[group.Id] = Math.Min(most[group.Id], group.Units.Count(u => !gone.Contains(u.Id)));
        }

        HashSet<int> chosen = [.. Choose(WithGone(scores, gone), Bounds with { Most = most }, budget)];
        chosen.UnionWith(gone);
        return chosen;
    }

    /// <summary>Details of a training of this schedule.</summary>
    public TrainingDetail Detail() => new() { Seed = Options.Seed, Session = Session, Teacher = Model };
}
