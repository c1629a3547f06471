using EdgePrune.Onnx;
using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps;

/// <summary>
/// Sums over the slices of groups, inside the graph: each tensor is summed to one number an index of the axes that are named,
/// these are laid end to end, and each group gathers its own. An element in two slices of one group counts twice.
/// </summary>
internal static class UnitSums
{
    /// <param name="w">Writes into the graph.</param>
    /// <param name="values">A value for each tensor that the groups name, of the tensor's shape.</param>
    /// <param name="dims">Dimensions of these tensors.</param>
    /// <param name="groups">The groups; at least one.</param>
    /// <returns>A vector with one sum a group, in order.</returns>
    /// <exception cref="InputException">A group names a tensor, an axis or an index that is not there.</exception>
    public static string Write(
        GraphWriter w, IReadOnlyDictionary<string, string> values, IReadOnlyDictionary<string, long[]> dims, IReadOnlyList<SliceGroup> groups)
    {
        var offsets = new Dictionary<(string Tensor, int Axis), long>();
        var parts = new List<string>();
        long total = 0;
        foreach (TensorSlice slice in groups.SelectMany(g => g.Slices))
        {
            Check(slice, dims);
            if (offsets.TryAdd((slice.Tensor, slice.Axis), total))
            {
                long[] shape = dims[slice.Tensor];
                long[] others = [.. Enumerable.Range(0, shape.Length).Where(a => a != slice.Axis).Select(a => (long)a)];
                parts.Add(others.Length == 0 ? values[slice.Tensor] : w.ReduceSum(values[slice.Tensor], others, keep: false));
                total += shape[slice.Axis];
            }
        }

        // Groups of different sizes share one index matrix; the places that are left point at a zero.
        parts.Add(w.Reals([0], [1]));
        long[][] taken = [.. groups.Select(g => g.Slices.SelectMany(s => s.Indices.Select(i => offsets[(s.Tensor, s.Axis)] + i)).ToArray())];
        int widest = Math.Max(1, taken.Max(t => t.Length));
        long[] index = [.. taken.SelectMany(t => t.Concat(Enumerable.Repeat(total, widest - t.Length)))];
        string gathered = w.Node("Gather", [w.Concat(parts, 0), w.Ints(index, [groups.Count, widest])]);
        return w.ReduceSum(gathered, [1], keep: false);
    }

    private static void Check(TensorSlice slice, IReadOnlyDictionary<string, long[]> dims)
    {
        if (!dims.TryGetValue(slice.Tensor, out long[]? shape))
        {
            throw new InputException($"a group names '{Printable.Name(slice.Tensor)}', which is no trained parameter");
        }

        if (slice.Axis < 0 || slice.Axis >= shape.Length || slice.Indices.Any(i => i < 0 || i >= shape[slice.Axis]))
        {
            throw new InputException($"a group names slices on axis {slice.Axis} of '{Printable.Name(slice.Tensor)}' [{string.Join(", ", shape)}] that are not there");
        }
    }
}
