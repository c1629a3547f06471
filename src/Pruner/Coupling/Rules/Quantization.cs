using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>What quantised operators have in common.</summary>
internal static class Quantization
{
    /// <summary>True where a node takes a tensor of int32 as a bias or as quantised weights: such a tensor has units, unlike indices.</summary>
    public static bool TakesInt32(NodeProto node, string tensor) => node.OpType switch
    {
        "DequantizeLinear" => true,
        "QLinearConv" => node.Input.Count > 8 && node.Input[8] == tensor,
        "QGemm" => node.Input.Count > 6 && node.Input[6] == tensor,
        _ => false,
    };

    /// <summary>Relates scales or zero points to the axis that they are for: one for all indices, or a vector of one each.</summary>
    public static void MatchVector(CouplingBuilder c, string? parameter, int[]? ids, string reason)
    {
        if (parameter is not null && c.Dims(parameter) is [> 1])
        {
            c.Match(ids, reason, c.Ids(parameter, 0), c.Of(parameter).Reason);
        }
    }
}
