using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Gemm: A [M, K], B [K, N], C broadcast to [M, N] → Y [M, N], A and B transposed where asked.</summary>
internal sealed class GemmRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Gemm"];

    public string Relation =>
        "A [M, K] and B [K, N] share the ids of K; Y [M, N] has the ids of M and N, which C shares where it is not "
        + "broadcast.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string a = node.Input[0];
        string b = node.Input[1];
        bool transposeA = node.GetInt("transA", 0) != 0;
        bool transposeB = node.GetInt("transB", 0) != 0;
        int[] outDims = c.Dims(node.Output[0])!;
        int[]? rows = c.Ids(a, transposeA ? 1 : 0);
        int[]? columns = c.Ids(b, transposeB ? 0 : 1);
        int[]? reads = c.Ids(b, transposeB ? 1 : 0);
        int[]? inner = c.Ids(a, transposeA ? 0 : 1);
        c.Mark(reads, SliceRole.Input);
        c.Mark(columns, SliceRole.Output);
        if (c.Dims(b)![transposeB ? 1 : 0] > 1)
        {
            c.Match(inner, c.Of(a).Reason, reads, c.Of(b).Reason);
        }

        if (!WeightChain.IsMasked(c, b))
        {
            // Weights may stand on the left; where neither side holds any, the value itself has to be zero.
            if (WeightChain.IsMasked(c, a))
            {
                c.Mark(inner, SliceRole.Input);
                c.Mark(rows, SliceRole.Output);
            }
            else
            {
                c.MaskValue(a, transposeA ? 0 : 1);
            }
        }

        if (node.InputAt(2) is { } bias)
        {
            int[] dims = c.Dims(bias)!;
            for (int axis = 0; axis < dims.Length; axis++)
            {
                int target = axis + 2 - dims.Length;
                if (dims[axis] > 1 && dims[axis] == outDims[target])
                {
                    c.Match(target == 0 ? rows : columns, c.Of(target == 0 ? a : b).Reason, c.Ids(bias, axis), c.Of(bias).Reason);
                }
            }
        }

        var groups = new List<AxisIds>();
        if (rows is not null)
        {
            groups.Add(AxisIds.Single(0, rows));
        }

        if (columns is not null)
        {
            groups.Add(AxisIds.Single(1, columns));
        }

        c.SetOutput(node, 0, new Layout(groups, c.Of(a).Reason));
    }
}
