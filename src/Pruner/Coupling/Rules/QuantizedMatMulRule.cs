using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Products of ONNX Runtime with 8-bit weights and a floating-point result: DynamicQuantizeMatMul takes A […, M, K] as it is and
/// quantises it over its whole range, MatMulIntegerToFloat takes 8-bit A with its scale; B [K, N] with scale and zero point, scalars
/// or [N]; bias [N] → Y […, M, N].
/// </summary>
internal sealed class QuantizedMatMulRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["com.microsoft.DynamicQuantizeMatMul", "com.microsoft.MatMulIntegerToFloat"];

    public string Relation =>
        "A […, M, K] and B [K, N] share the ids of K; Y […, M, N], the scale, the zero point and the bias [N] share those of N. The range "
        + "that A is quantised over always holds zero, so that a masked unit does not count in it.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        bool isDynamic = node.OpType == "DynamicQuantizeMatMul";
        (string a, string b) = (node.Input[0], node.Input[1]);
        int rank = c.Rank(a);
        if (rank < 2 || c.Rank(b) != 2 || (!isDynamic && node.Given(2, 4).Any(s => c.Dims(s)!.Any(d => d > 1))))
        {
            c.Unknown(node, "weights that are no matrix, or scales of A by row");
            return;
        }

        if (isDynamic && c.Sources.ContainsKey(a))
        {
            c.Unknown(node, "quantises parameters when the model runs");
            return;
        }

        int[] rows = [.. Enumerable.Range(-(rank - 1), rank - 1)];
        Contraction.Relate(c, node, [new Operand(a, [.. rows, 1]), new Operand(b, [1, 2])], [.. rows, 2]);
        if (isDynamic)
        {
            // What a masked unit still held would count in the range, whichever axis it lies on.
            foreach (int axis in c.Of(a).Groups.SelectMany(g => g.Axes))
            {
                c.MaskValue(a, axis);
            }
        }

        int[]? columns = c.Ids(b, 1);
        foreach (string parameter in isDynamic ? node.Given(2, 3, 4) : node.Given(3, 5, 6))
        {
            if (c.Dims(parameter) is [> 1])
            {
                c.Match(columns, c.Of(b).Reason, c.Ids(parameter, 0), c.Of(parameter).Reason);
            }
        }
    }
}
