using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Operators of ONNX Runtime on 8-bit values, each with a scale and a zero point: elementwise ones, pooling and Concat. Scales that are
/// no scalars are not covered.
/// </summary>
internal sealed class QLinearElementwiseRule : IOperatorRule
{
    private readonly ConcatRule concat = new();
    private readonly PoolRule pool = new();

    public IReadOnlyList<string> Operators { get; } =
    [
        "com.microsoft.QLinearAdd", "com.microsoft.QLinearAveragePool", "com.microsoft.QLinearConcat",
        "com.microsoft.QLinearGlobalAveragePool", "com.microsoft.QLinearLeakyRelu", "com.microsoft.QLinearMul",
        "com.microsoft.QLinearSigmoid", "com.microsoft.QLinearSoftmax",
    ];

    public string Relation => "As the operator without QLinear, on the 8-bit values; scales and zero points are scalars.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        // Values and their scales take turns, behind the output's own in QLinearConcat.
        int first = node.OpType == "QLinearConcat" ? 2 : 0;
        bool binary = node.OpType is "QLinearAdd" or "QLinearMul" or "QLinearConcat";
        string[] values = [.. node.Input.Where((_, i) => i >= first && (i - first) % 3 == 0 && (binary || i == 0)).Take(node.OpType == "QLinearConcat" ? int.MaxValue : 2)];
        if (node.Input.Where(i => i.Length > 0).Except(values).Any(i => c.Dims(i) is { } dims && dims.Any(d => d > 1)))
        {
            c.Unknown(node, "scales that are no scalars");
            return;
        }

        switch (node.OpType)
        {
            case "QLinearConcat":
                StandIn.Of(concat, c, node, "Concat", values);
                break;
            case "QLinearAveragePool" or "QLinearGlobalAveragePool" when node.GetInt("channels_last", 0) != 0:
                c.Unknown(node, "channels last");
                break;
            case "QLinearAveragePool" or "QLinearGlobalAveragePool":
                StandIn.Of(pool, c, node, node.OpType[7..], values);
                break;
            case "QLinearSoftmax":
                int rank = c.Rank(values[0]);
                int axis = CouplingBuilder.Axis(node.GetInt("axis", -1), rank);
                int last = node.GetInt("opset", 13) < 13 ? rank - 1 : axis;
                WholeAxes.Relate(c, node, values[0], [.. Enumerable.Range(axis, last - axis + 1)]);
                c.SetOutput(node, 0, c.Of(values[0]));
                break;
            default:
                StandIn.ElementwiseOf(c, node, values);
                break;
        }
    }
}
