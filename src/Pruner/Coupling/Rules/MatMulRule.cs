using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// MatMul: A […, M, K], B […, K, N] → […, M, N], the leading axes broadcast; either may be a vector [K]. FusedMatMul of ONNX Runtime
/// transposes the last two axes where asked.
/// </summary>
internal sealed class MatMulRule : IOperatorRule
{
    private const int Row = 1;
    private const int Sum = 2;
    private const int Column = 3;

    public IReadOnlyList<string> Operators { get; } = ["MatMul", "com.microsoft.FusedMatMul", "com.microsoft.TransposeMatMul"];

    public string Relation =>
        "A […, M, K] and B […, K, N] share the ids of K and of the leading axes, which are heads where both are computed; "
        + "Y […, M, N] has those of M and N.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        if (node.GetInt("transBatchA", 0) != 0 || node.GetInt("transBatchB", 0) != 0)
        {
            c.Unknown(node, "batch axes transposed");
            return;
        }

        int rankA = c.Rank(node.Input[0]);
        int rankB = c.Rank(node.Input[1]);
        int[] a = Labels(rankA, Row, Sum, vector: Sum, node.GetInt("transA", 0) != 0);
        int[] b = Labels(rankB, Sum, Column, vector: Sum, node.GetInt("transB", 0) != 0);
        int[] batch = [.. (rankA > rankB ? a : b).Where(l => l < 0)];
        int[] output = [.. batch, .. rankA > 1 ? [Row] : Array.Empty<int>(), .. rankB > 1 ? [Column] : Array.Empty<int>()];
        Contraction.Relate(c, node, [new Operand(node.Input[0], a), new Operand(node.Input[1], b)], output);
    }

    // Leading axes are numbered from the last one, −1, −2, …, as broadcasting does.
    private static int[] Labels(int rank, int first, int second, int vector, bool transposed) => rank == 1
        ? [vector]
        : [.. Enumerable.Range(0, rank - 2).Select(axis => axis - (rank - 2)), transposed ? second : first, transposed ? first : second];
}
