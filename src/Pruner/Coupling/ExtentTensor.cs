namespace EdgePrune.Pruner.Coupling;

/// <summary>Entries of a small tensor in row-major order, with its dimensions.</summary>
internal sealed record ExtentTensor(Extent[] Entries, int[] Dims)
{
    /// <summary>The entries at some indices of one axis.</summary>
    public Extent[] Take(int axis, IReadOnlyList<int> indices)
    {
        int inner = Dims.Skip(axis + 1).Aggregate(1, (a, d) => a * d);
        int outer = Dims.Take(axis).Aggregate(1, (a, d) => a * d);
        var taken = new List<Extent>(outer * indices.Count * inner);
        for (int o = 0; o < outer; o++)
        {
            foreach (int index in indices)
            {
                taken.AddRange(Entries.AsSpan(((o * Dims[axis]) + index) * inner, inner));
            }
        }

        return [.. taken];
    }

    /// <summary>The entry that stands at a place of a larger tensor to which this one is broadcast.</summary>
    public Extent At(int position, int[] dims)
    {
        int at = 0;
        int stride = 1;
        for (int axis = dims.Length - 1; axis >= dims.Length - Dims.Length; axis--)
        {
            int own = Dims[axis - (dims.Length - Dims.Length)];
            at += own == 1 ? 0 : position % dims[axis] * stride;
            stride *= own;
            position /= dims[axis];
        }

        return Entries[at];
    }

    /// <summary>The entries with the axes in another order.</summary>
    public Extent[] Transpose(IReadOnlyList<long> order)
    {
        int[] strides = new int[Dims.Length];
        int stride = 1;
        for (int axis = Dims.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Dims[axis];
        }

        var result = new Extent[Entries.Length];
        for (int i = 0; i < result.Length; i++)
        {
            int rest = i;
            int at = 0;
            for (int axis = Dims.Length - 1; axis >= 0; axis--)
            {
                int from = (int)order[axis];
                at += rest % Dims[from] * strides[from];
                rest /= Dims[from];
            }

            result[i] = Entries[at];
        }

        return result;
    }
}
