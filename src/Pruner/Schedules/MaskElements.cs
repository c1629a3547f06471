using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Schedules;

/// <summary>Which elements of trained tensors go with which units.</summary>
/// <param name="coupling">The units.</param>
/// <param name="trained">The tensors that are trained; others are not masked.</param>
internal sealed class MaskElements(CouplingResult coupling, IReadOnlySet<string> trained)
{
    /// <summary>True for each element of a tensor, row-major, that goes with one of these units; tensors without any are left out.</summary>
    /// <param name="units">Ids of the units.</param>
    /// <param name="wanted">Which of a unit's slices count.</param>
    public Dictionary<string, bool[]> Of(IEnumerable<int> units, Func<Unit, IEnumerable<UnitSlice>> wanted)
    {
        var masks = new Dictionary<string, bool[]>(StringComparer.Ordinal);
        foreach (UnitSlice slice in units.SelectMany(u => wanted(coupling.Units[u])).Where(s => s.Role != SliceRole.Value && trained.Contains(s.Tensor)))
        {
            long[] dims = Dims(slice.Tensor);
            if (!masks.TryGetValue(slice.Tensor, out bool[]? mask))
            {
                masks[slice.Tensor] = mask = new bool[dims.Aggregate(1L, (a, d) => a * d)];
            }

            foreach (int place in Places(dims, slice))
            {
                mask[place] = true;
            }
        }

        return masks;
    }

    /// <summary>Every slice of parameters.</summary>
    public static IEnumerable<UnitSlice> All(Unit unit) => unit.Slices;

    /// <summary>Places of a slice's elements in its tensor, row-major.</summary>
    public IEnumerable<int> Places(UnitSlice slice) => Places(Dims(slice.Tensor), slice);

    /// <summary>True where holding the trained elements of a unit at zero masks it: nothing that makes it, or nothing that reads it, stays.</summary>
    public bool CanMask(Unit unit)
    {
        bool Covers(SliceRole role) => unit.Slices.Any(s => s.Role == role) && unit.Slices.Where(s => s.Role == role).All(s => trained.Contains(s.Tensor));
        bool parameters = unit.Slices.Where(s => s.Role == SliceRole.Parameter).All(s => trained.Contains(s.Tensor) || IsStatistic(s.Tensor));
        return Covers(SliceRole.Input) || (Covers(SliceRole.Output) && parameters);
    }

    // Running statistics do not matter where scale and shift are zero.
    private bool IsStatistic(string tensor) =>
        coupling.Context.Index.Consumers(tensor).All(n => n.OpType == "BatchNormalization" && n.Input.IndexOf(tensor) is 3 or 4);

    private long[] Dims(string tensor) => coupling.Context.Index.Constant(tensor) is { } constant
        ? [.. constant.Dims]
        : throw new InputException($"'{Printable.Name(tensor)}' holds no constant weights that could be masked");

    private static IEnumerable<int> Places(long[] dims, UnitSlice slice)
    {
        int length = (int)dims[slice.Axis];
        int inner = (int)dims.Skip(slice.Axis + 1).Aggregate(1L, (a, d) => a * d);
        int outer = (int)dims.Take(slice.Axis).Aggregate(1L, (a, d) => a * d);
        for (int o = 0; o < outer; o++)
        {
            foreach (int index in slice.Indices)
            {
                int first = ((o * length) + index) * inner;
                for (int i = 0; i < inner; i++)
                {
                    yield return first + i;
                }
            }
        }
    }
}
