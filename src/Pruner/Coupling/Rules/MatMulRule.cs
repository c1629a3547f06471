using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>MatMul: A […, M, K], B […, K, N] → […, M, N], the leading axes broadcast.</summary>
internal sealed class MatMulRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["MatMul"];

    public string Relation => "A […, M, K] and B […, K, N] share the ids of K and of the leading axes; Y […, M, N] has those of M and N.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string a = node.Input[0];
        string b = node.Input[1];
        int[] dimsA = c.Dims(a)!;
        int[] dimsB = c.Dims(b)!;
        if (dimsA.Length < 2 || dimsB.Length < 2)
        {
            c.Unknown(node, "a vector operand");
            return;
        }

        int rank = Math.Max(dimsA.Length, dimsB.Length);
        var groups = new List<AxisIds>();
        // The leading axes first: where heads and their width came out of one axis, heads are the units.
        for (int axis = 0; axis < rank - 2; axis++)
        {
            int inA = axis - (rank - dimsA.Length);
            int inB = axis - (rank - dimsB.Length);
            bool spansA = inA >= 0 && dimsA[inA] > 1;
            bool spansB = inB >= 0 && dimsB[inB] > 1;
            int[]? idsA = spansA ? c.Ids(a, inA) : null;
            int[]? idsB = spansB ? c.Ids(b, inB) : null;
            if (spansA && spansB)
            {
                c.Match(idsA, c.Of(a).Reason, idsB, c.Of(b).Reason);
            }

            if ((idsA ?? idsB) is { } ids)
            {
                groups.Add(AxisIds.Single(axis, ids));
            }
        }

        int[]? rows = c.Ids(a, dimsA.Length - 2);
        int[]? columns = c.Ids(b, dimsB.Length - 1);
        int[]? reads = c.Ids(b, dimsB.Length - 2);
        c.Mark(reads, SliceRole.Input);
        c.Mark(columns, SliceRole.Output);
        if (dimsB[^2] > 1)
        {
            c.Match(c.Ids(a, dimsA.Length - 1), c.Of(a).Reason, reads, c.Of(b).Reason);
        }

        // Where no weights stand in between, a removed index counts for nothing only if one side is zero there.
        if (!c.Sources.ContainsKey(b))
        {
            c.MaskValue(a, dimsA.Length - 1);
        }

        if (rows is not null)
        {
            groups.Add(AxisIds.Single(rank - 2, rows));
        }

        if (columns is not null)
        {
            groups.Add(AxisIds.Single(rank - 1, columns));
        }

        c.SetOutput(node, 0, new Layout(groups, c.Of(a).Reason));
    }
}
