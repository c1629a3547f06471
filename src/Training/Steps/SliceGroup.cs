using EdgePrune.Onnx;

namespace EdgePrune.Training.Steps;

/// <summary>Slices that belong together: what the pruner removes as one unit.</summary>
public sealed record SliceGroup(IReadOnlyList<TensorSlice> Slices)
{
    /// <summary>The tensors that groups name, each once.</summary>
    /// <exception cref="InputException">There is none.</exception>
    internal static string[] Tensors(IReadOnlyList<SliceGroup> groups)
    {
        string[] tensors = [.. groups.SelectMany(g => g.Slices.Select(s => s.Tensor)).Distinct(StringComparer.Ordinal)];
        return tensors.Length > 0 ? tensors : throw new InputException("sums over groups are asked for, and there is no group");
    }
}
