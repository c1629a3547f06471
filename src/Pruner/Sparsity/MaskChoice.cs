using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Sparsity;

/// <summary>Chooses the weights of a layer that go by their worth.</summary>
internal static class MaskChoice
{
    /// <summary>N of each M inputs in a row stay, at each place of the kernel; inputs that are left over at the end stay.</summary>
    public static void OfPattern(LinearLayer layer, float[] worth, int keep, int of, bool[] zero)
    {
        var order = new int[of];
        for (int output = 0; output < layer.Outputs; output++)
        {
            for (int k = 0; k < layer.Kernel; k++)
            {
                for (int first = 0; first + of <= layer.Inputs; first += of)
                {
                    for (int i = 0; i < of; i++)
                    {
                        order[i] = layer.Offset(output, ((first + i) * layer.Kernel) + k);
                    }

                    foreach (int at in order.OrderBy(at => worth[at]).ThenBy(at => at).Take(of - keep))
                    {
                        zero[at] = true;
                    }
                }
            }
        }
    }

    /// <summary>Blocks of a layer, each the places of its weights and the mean of their worth; those at the edges are smaller.</summary>
    public static IEnumerable<(int[] Places, double Worth)> Blocks(LinearLayer layer, float[] worth, int rows, int columns)
    {
        for (int top = 0; top < layer.Outputs; top += rows)
        {
            for (int left = 0; left < layer.Columns; left += columns)
            {
                int[] places =
                [
                    .. from o in Enumerable.Range(top, Math.Min(rows, layer.Outputs - top))
                       from c in Enumerable.Range(left, Math.Min(columns, layer.Columns - left))
                       select layer.Offset(o, c),
                ];
                yield return (places, places.Average(p => (double)worth[p]));
            }
        }
    }

    /// <summary>The blocks of least worth go until a share of their number is reached.</summary>
    public static void OfShare(IEnumerable<(bool[] Zero, int[] Places, double Worth)> blocks, double share)
    {
        var all = blocks.ToList();
        foreach ((bool[] zero, int[] places, _) in all.OrderBy(b => b.Worth).Take((int)Math.Round(share * all.Count)))
        {
            foreach (int place in places)
            {
                zero[place] = true;
            }
        }
    }
}
