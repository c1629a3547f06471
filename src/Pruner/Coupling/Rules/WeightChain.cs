using EdgePrune.Onnx.Graphs;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Weights may pass through other nodes before a layer uses them. Where those nodes leave zeros zero and have one tensor of weights
/// behind them, masking that tensor masks what the layer reads; elsewhere a mask has to be put on the value between the layers.
/// </summary>
internal static class WeightChain
{
    private const int MaxLength = 32;

    // Quantisation is here too: the mask of integers is their zero point, which stands for zero.
    private static readonly HashSet<string> KeepZeros =
    [
        "Cast", "DequantizeLinear", "Expand", "Flatten", "Gather", "Identity", "QuantizeLinear", "Reshape", "Slice", "Split", "Squeeze",
        "Tile", "Transpose", "Unsqueeze",
    ];

    /// <summary>True where a mask on the parameters behind a value is a mask on the value.</summary>
    public static bool IsMasked(CouplingBuilder c, string value)
    {
        for (int i = 0; i < MaxLength; i++)
        {
            if (c.Sources.ContainsKey(value))
            {
                return true;
            }

            if (c.Index.Producer(value) is not { } node || !node.IsStandard() || !KeepZeros.Contains(node.OpType))
            {
                return false;
            }

            value = node.Input[0];
        }

        return false;
    }
}
