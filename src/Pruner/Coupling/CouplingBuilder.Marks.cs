namespace EdgePrune.Pruner.Coupling;

/// <content>What operators say of ids besides how they relate.</content>
internal sealed partial class CouplingBuilder
{
    /// <summary>Says what ids are to an operator: where its output comes from, or where its input goes in.</summary>
    public void Mark(int[]? ids, SliceRole role)
    {
        foreach (int id in ids ?? [])
        {
            roles[id] = role;
        }
    }

    /// <summary>
    /// For an operator whose result changes when indices are cut instead of masked: marks the units inexact where the user allows
    /// such units, and freezes them where not.
    /// </summary>
    public void Inexact(IEnumerable<int>? ids, string reason)
    {
        foreach (int id in ids ?? [])
        {
            if (Options.AllowInexact)
            {
                Elements.MarkInexact(id, reason);
            }
            else
            {
                Elements.Freeze(id, reason);
            }
        }
    }

    /// <summary>Says what kind of units ids are.</summary>
    public void Name(IEnumerable<int>? ids, UnitKind kind)
    {
        foreach (int id in ids ?? [])
        {
            Elements.Name(id, kind);
        }
    }

    /// <summary>
    /// Says that an operator reads this axis of a computed value without weights, and that zeros there count for nothing: masking has
    /// to make them zero. Weights that read a unit are masked themselves and need no such mark; parameters that stand in the place of
    /// the value are masked like weights.
    /// </summary>
    public void MaskValue(string value, int axis)
    {
        if (!sources.ContainsKey(value))
        {
            valueMasks.Add((value, axis));
            return;
        }

        foreach (int id in Of(value).GroupOf(axis)?.Ids ?? [])
        {
            roles.TryAdd(id, SliceRole.Input);
        }
    }
}
