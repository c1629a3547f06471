using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Schedules;

/// <summary>The model that pruning starts from, once the schedules that train it beforehand have.</summary>
/// <param name="Model">The model.</param>
/// <param name="Weak">Units that its training made next to nothing, which go whatever the budget says.</param>
/// <param name="Options">How it is pruned: without what comes only after the cut.</param>
internal sealed record PreparedModel(OnnxModel Model, IReadOnlySet<int> Weak, PruneOptions Options)
{
    /// <summary>A model that nothing was done to.</summary>
    public static PreparedModel AsGiven(OnnxModel model, PruneOptions options) => new(model, new HashSet<int>(), options);

    /// <summary>The bounds without the weak units, as far as each group keeps what it must.</summary>
    public GroupBounds Bounds(CouplingResult coupling, GroupBounds bounds) => bounds with
    {
        Most = [.. coupling.Groups.Select(g => Math.Max(bounds.Least[g.Id], Math.Min(bounds.Most[g.Id], g.Units.Count(u => !Weak.Contains(u.Id)))))],
    };

    /// <summary>The scores, by which weak units go first.</summary>
    public double[] Scores(double[] scores) => Weak.Count == 0 ? scores : ScheduleContext.WithGone(scores, Weak);
}
