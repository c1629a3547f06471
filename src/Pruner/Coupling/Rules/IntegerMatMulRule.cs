using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>MatMulInteger and QLinearMatMul: A […, M, K], weights B [K, N] → […, M, N], scales and zero points of B by column [N].</summary>
internal sealed class IntegerMatMulRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["MatMulInteger", "QLinearMatMul"];

    public string Relation =>
        "A […, M, K] and weights B [K, N] share the ids of K; Y […, M, N] has the ids of A's leading axes and of N, which scales and zero "
        + "points [N] of B share. Products of two computed values are frozen.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        bool scaled = node.OpType == "QLinearMatMul";
        string a = node.Input[0];
        string b = node.Input[scaled ? 3 : 1];
        int rank = c.Rank(a);
        string?[] ofA = scaled ? [node.InputAt(1), node.InputAt(2)] : [node.InputAt(2)];
        string?[] ofB = scaled ? [node.InputAt(4), node.InputAt(5)] : [node.InputAt(3)];
        if (rank < 2 || c.Rank(b) != 2 || !WeightChain.IsMasked(c, b) || ofA.Any(p => p is not null && c.Dims(p) is not ([] or [1])))
        {
            c.Unknown(node, "no product of a value with weights of two axes and one zero point for the value");
            return;
        }

        int[]? reads = c.Ids(b, 0);
        int[]? columns = c.Ids(b, 1);
        c.Mark(reads, SliceRole.Input);
        c.Mark(columns, SliceRole.Output);
        if (c.Dims(b)![0] > 1)
        {
            c.Match(c.Ids(a, rank - 1), c.Of(a).Reason, reads, c.Of(b).Reason);
        }

        foreach (string? parameter in ofB)
        {
            Quantization.MatchVector(c, parameter, columns, c.Of(b).Reason);
        }

        List<AxisIds> groups = [.. c.Of(a).Groups.Where(g => !g.Axes.Contains(rank - 1))];
        if (columns is not null)
        {
            groups.Add(AxisIds.Single(rank - 1, columns));
        }

        c.SetOutput(node, 0, new Layout(groups, c.Of(a).Reason));
    }
}
