using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// MatMulNBits of ONNX Runtime: A […, M, K], B packed by blocks of K for each of N columns, scales and zero points in the same order,
/// flat or by column, bias [N] → Y […, M, N]. Columns can go; K is packed and stays.
/// </summary>
internal sealed class MatMulNBitsRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["com.microsoft.MatMulNBits"];

    public string Relation =>
        "A column of Y […, M, N] goes with its packed row of B [N, …], its scales, zero points and bias; the attribute N is rewritten. The "
        + "ids of K are frozen, since B packs them.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        (string a, string b) = (node.Input[0], node.Input[1]);
        int last = c.Rank(a) - 1;
        int columns = (int)node.GetInt("N", 0);
        string[] parameters = [.. node.Given(2, 3, 5)];
        if (columns < 2 || c.Dims(b) is not { Length: > 1 } dims || dims[0] != columns || node.InputAt(4) is not null
            || parameters.Any(p => c.Dims(p) is not { Length: > 0 } d || d[0] % columns != 0))
        {
            c.Unknown(node, "blocks that do not belong to one column each");
            return;
        }

        c.FreezeAxis(a, last, $"{node.Describe()}: the weights are packed along this axis");
        int[]? ids = c.Ids(b, 0);
        for (int axis = 1; axis < dims.Length; axis++)
        {
            c.FreezeAxis(b, axis, $"{node.Describe()}: the weights are packed along this axis");
        }

        foreach (string parameter in parameters)
        {
            int each = c.Dims(parameter)![0] / columns;
            int[]? spread = ids is null ? null : [.. Enumerable.Range(0, columns * each).Select(i => ids[i / each])];
            c.Match(spread, c.Of(b).Reason, c.Ids(parameter, 0), c.Of(parameter).Reason);
            for (int axis = 1; axis < c.Rank(parameter); axis++)
            {
                c.FreezeAxis(parameter, axis, $"{node.Describe()}: the weights are packed along this axis");
            }
        }

        Layout passed = WholeAxes.Without(c.Of(a), [last]);
        c.SetOutput(node, 0, ids is null ? passed : passed.With(AxisIds.Single(last, ids)));
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        if (s.IsCut(node.Input[1], 0))
        {
            node.SetInt("N", s.LengthAfter(node.Input[1], 0));
        }
    }
}
