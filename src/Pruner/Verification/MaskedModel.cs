using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Verification;

/// <summary>
/// The original with the units of a plan masked to zero, by multiplications inserted into the graph. It uses the plan and
/// nothing of the analysis or the slicing code, so that it can find them wrong: every weight that makes a removed unit is
/// multiplied by zero, and so is every weight that reads it, unless the unit's constant was folded forward: then it lives on.
/// Where it was folded through padding it goes on beyond the border as well.
/// </summary>
public static class MaskedModel
{
    /// <summary>The masked original.</summary>
    /// <param name="original">The model that the plan was made for.</param>
    /// <param name="plan">What is masked.</param>
    /// <param name="extendBorders">False leaves zeros beyond the border, also where constants were folded through padding.</param>
    /// <exception cref="InputException">The plan names tensors or indices that the model has not.</exception>
    public static OnnxModel Make(OnnxModel original, PruningPlan plan, bool extendBorders = true)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(plan);
        var masked = new MaskedGraph(original);
        foreach (var slices in Slices(plan).GroupBy(s => (s.Tensor, s.Axis)))
        {
            (string tensor, int axis) = slices.Key;
            bool isValue = slices.First().Role == SliceRole.Value;
            int[] dims = masked.Describe(tensor, isValue).Dims;
            float[] mask = new float[axis >= 0 && axis < dims.Length ? dims[axis] : 0];
            Array.Fill(mask, 1f);
            Clear(mask, slices);
            masked.AddAxis(tensor, axis, isValue, mask);
        }

        if (extendBorders)
        {
            IEnumerable<UnitSlice> continued = plan.Units.Where(u => u.Constant == ConstantFate.FoldedPadded).SelectMany(u => u.Slices);
            foreach (var slices in continued.Where(s => s is { Role: SliceRole.Input, Axis: 1 }).GroupBy(s => s.Tensor))
            {
                masked.ExtendBorders(slices.Key, [.. slices.SelectMany(s => s.Indices)]);
            }
        }

        foreach (WeightMask weights in plan.Weights ?? [])
        {
            masked.AddWeights(weights);
        }

        foreach (RemovedBlock block in plan.Blocks ?? [])
        {
            masked.AddBlock(block, isInput: false);
        }

        return masked.Build();
    }

    /// <summary>The slices that are masked: of a unit whose constant lives on, only those that make it.</summary>
    internal static IEnumerable<UnitSlice> Slices(PruningPlan plan) => plan.Units.SelectMany(u => u.Slices.Where(s =>
        u.Constant == ConstantFate.Dropped ? s.Role != SliceRole.Parameter : s.Role == SliceRole.Output));

    /// <summary>Sets a mask to zero at the indices of slices.</summary>
    internal static void Clear(float[] mask, IEnumerable<UnitSlice> slices)
    {
        foreach (UnitSlice slice in slices)
        {
            foreach (int index in slice.Indices)
            {
                if (index < 0 || index >= mask.Length)
                {
                    throw new InputException($"the plan cuts index {index} on axis {slice.Axis} of '{Printable.Name(slice.Tensor)}', which has {mask.Length}");
                }

                mask[index] = 0;
            }
        }
    }
}
