using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery;

/// <summary>
/// Finds the units of a model in what is left of it without some blocks. There fewer operators tie slices together, so that a unit
/// can fall apart; a layer that was replaced by its input ties the units before it to those behind it.
/// </summary>
internal static class UnitTransfer
{
    /// <summary>The units of the rest that stand for each removed unit of the original.</summary>
    /// <exception cref="InputException">The blocks tie a removed unit to one that stays.</exception>
    public static IReadOnlyDictionary<int, IReadOnlyList<int>> Find(CouplingResult original, CouplingResult rest, IReadOnlyCollection<int> removed)
    {
        var gone = removed.ToHashSet();
        var own = gone.ToDictionary(u => u, _ => new SortedSet<int>());
        foreach (SourceTensor source in rest.Sources.Values)
        {
            foreach (int axis in source.Axes.Select(a => a.Axes[0]))
            {
                if (original.UnitsAlong(source.Name, axis) is not { } before || rest.UnitsAlong(source.Name, axis) is not { } after)
                {
                    continue;
                }

                for (int i = 0; i < after.Length; i++)
                {
                    if (gone.Contains(before[i]))
                    {
                        own[before[i]].Add(after[i] >= 0 ? after[i] : throw Tied(before[i], source.Name, axis, "what cannot be cut"));
                    }
                }
            }
        }

        HashSet<int> taken = [.. own.Values.SelectMany(u => u)];
        foreach (int unit in taken)
        {
            foreach (UnitSlice slice in rest.Units[unit].Slices.Where(s => s.Role != SliceRole.Value))
            {
                int[]? before = original.UnitsAlong(slice.Tensor, slice.Axis);
                if (before is null || slice.Indices.Any(i => !gone.Contains(before[i])))
                {
                    throw Tied(own.First(o => o.Value.Contains(unit)).Key, slice.Tensor, slice.Axis, "a unit that stays");
                }
            }
        }

        return own.ToDictionary(o => o.Key, o => (IReadOnlyList<int>)[.. o.Value]);
    }

    private static InputException Tied(int unit, string tensor, int axis, string to) => new(
        $"without these blocks unit {unit} is tied to {to} (axis {axis} of '{Printable.Name(tensor)}'): choose the units of a layer's input and output together, or prune what is left without the blocks");
}
