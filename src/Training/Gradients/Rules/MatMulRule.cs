using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// MatMul as numpy defines it: batched, broadcast, vectors allowed. Where one side is a plain matrix the batch is folded into the
/// rows, so that each gradient is one product.
/// </summary>
internal sealed class MatMulRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["MatMul"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        (string a, string b, string dy) = (node.Input[0], node.Input[1], g.OutputGradient);
        long[] aDims = g.Dims(0);
        long[] bDims = g.Dims(1);
        // Vectors are matrices of one row or column.
        long[] aFull = aDims.Length == 1 ? [1, aDims[0]] : aDims;
        long[] bFull = bDims.Length == 1 ? [bDims[0], 1] : bDims;
        string aValue = aDims.Length == 1 ? w.Reshape(a, aFull) : a;
        string bValue = bDims.Length == 1 ? w.Reshape(b, bFull) : b;
        (long rows, long inner, long columns) = (aFull[^2], aFull[^1], bFull[^1]);
        if (bFull.Length == 2)
        {
            long all = aFull[..^1].Aggregate(1L, (p, d) => p * d);
            string flat = w.Reshape(dy, all, columns);
            if (g.Wants(0))
            {
                g.Give(0, w.Reshape(w.Gemm(flat, bValue, transB: true), aDims));
            }

            if (g.Wants(1))
            {
                g.Give(1, w.Reshape(w.Gemm(w.Reshape(aValue, all, inner), flat, transA: true), bDims));
            }

            return;
        }

        long[] batch = Broadcast(aFull[..^2], bFull[..^2]);
        string full = w.Reshape(dy, [.. batch, rows, columns]);
        if (g.Wants(0))
        {
            string da = w.MatMul(full, Turn(w, bValue, bFull.Length));
            g.Give(0, w.Reshape(g.Reduce(da, [.. batch, rows, inner], aFull), aDims));
        }

        if (g.Wants(1))
        {
            string db = w.MatMul(Turn(w, aValue, aFull.Length), full);
            g.Give(1, w.Reshape(g.Reduce(db, [.. batch, inner, columns], bFull), bDims));
        }
    }

    // The runtime joins this transposition with the product.
    private static string Turn(GraphWriter w, string value, int rank) =>
        w.Transpose(value, [.. Enumerable.Range(0, rank - 2).Select(a => (long)a), rank - 1, rank - 2]);

    private static long[] Broadcast(long[] a, long[] b)
    {
        int rank = Math.Max(a.Length, b.Length);
        return [.. Enumerable.Range(0, rank).Select(i =>
        {
            long left = i < rank - a.Length ? 1 : a[i - (rank - a.Length)];
            long right = i < rank - b.Length ? 1 : b[i - (rank - b.Length)];
            return left == 1 ? right : left;
        })];
    }
}
