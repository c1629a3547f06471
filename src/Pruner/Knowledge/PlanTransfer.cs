using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Knowledge;

/// <summary>
/// The widths of one model's plan on a related model. Groups are matched by the name of a layer that makes their units, what is left then in
/// order, kind by kind. A matched group keeps the share that the plan kept; which of its units go is decided by their own scores.
/// </summary>
/// <param name="Shares">Share of the units that stays, by group id of the new model.</param>
/// <param name="ByName">Groups matched by a name.</param>
/// <param name="ByOrder">Groups matched by their place.</param>
/// <param name="Unmatched">Groups of the new model, by name, that nothing in the plan stands for; they stay whole.</param>
/// <param name="Unused">Groups of the plan, by name, that the new model lacks.</param>
public sealed record PlanTransfer(
    IReadOnlyDictionary<int, double> Shares, int ByName, int ByOrder, IReadOnlyList<string> Unmatched, IReadOnlyList<string> Unused)
{
    /// <summary>Finds for each group of a model the group of a plan that it stands for.</summary>
    /// <exception cref="InputException">The plan does not say how many units there were, or nothing matches.</exception>
    public static PlanTransfer Of(PruningPlan plan, CouplingResult coupling)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(coupling);
        IReadOnlyList<PlannedGroup> planned = plan.Groups
            ?? throw new InputException("the plan is of an older version, which does not say how many units there were; prune its model again to have one that does");
        Dictionary<int, int> removed = plan.Units.GroupBy(u => u.Group).ToDictionary(g => g.Key, g => g.Count());
        var shares = new Dictionary<int, double>();
        var taken = new HashSet<int>();
        foreach (UnitGroup group in coupling.Groups)
        {
            IReadOnlyList<string> names = GroupNames.Of(coupling, group);
            if (planned.FirstOrDefault(p => !taken.Contains(p.Group) && p.Kind == group.Kind && p.Layers.Any(names.Contains)) is { } same)
            {
                taken.Add(same.Group);
                shares[group.Id] = Kept(same, removed);
            }
        }

        int byName = shares.Count;
        foreach (IGrouping<UnitKind, UnitGroup> kind in coupling.Groups.Where(g => !shares.ContainsKey(g.Id)).GroupBy(g => g.Kind).ToList())
        {
            foreach ((UnitGroup group, PlannedGroup same) in kind.OrderBy(g => g.Id).Zip(planned.Where(p => p.Kind == kind.Key && !taken.Contains(p.Group)).OrderBy(p => p.Group).ToList()))
            {
                taken.Add(same.Group);
                shares[group.Id] = Kept(same, removed);
            }
        }

        return shares.Count == 0
            ? throw new InputException("no group of this model's units is of a kind that the plan knows; nothing of it can be carried over")
            : new PlanTransfer(
                shares,
                byName,
                shares.Count - byName,
                [.. coupling.Groups.Where(g => !shares.ContainsKey(g.Id)).Select(g => GroupNames.Of(coupling, g).FirstOrDefault(g.Slices[0].Tensor))],
                [.. planned.Where(p => !taken.Contains(p.Group)).Select(p => p.Layers.FirstOrDefault($"group {p.Group}"))]);
    }

    /// <summary>Bounds at which each matched group keeps the plan's share at most, and the others stay whole.</summary>
    public GroupBounds In(GroupBounds bounds, CouplingResult coupling)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        ArgumentNullException.ThrowIfNull(coupling);
        int[] most = [.. bounds.Most], least = [.. bounds.Least];
        foreach (UnitGroup group in coupling.Groups)
        {
            int count = group.Units.Count;
            if (Shares.TryGetValue(group.Id, out double share))
            {
                most[group.Id] = Math.Clamp((int)Math.Round(share * count), least[group.Id], most[group.Id]);
            }
            else
            {
                // What the plan is silent about stays, unless a ceiling of the user's own says otherwise.
                least[group.Id] = most[group.Id];
            }
        }

        return new GroupBounds(least, most);
    }

    /// <summary>Share of a group that a plan kept.</summary>
    internal static double Kept(PlannedGroup group, IReadOnlyDictionary<int, int> removed) =>
        group.Units > 0 ? Math.Clamp(1 - ((double)removed.GetValueOrDefault(group.Group) / group.Units), 0, 1) : 1;
}
