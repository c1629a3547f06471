using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>BiasSplitGelu of ONNX Runtime: X [N, L, 2·D] plus bias [2·D], the first half times Gelu of the second → Y [N, L, D].</summary>
internal sealed class BiasSplitGeluRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["com.microsoft.BiasSplitGelu"];

    public string Relation => "An index of Y [N, L, D] goes with its two in X [N, L, 2·D] and in the bias [2·D].";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        (string x, string bias) = (node.Input[0], node.Input[1]);
        int[]? ids = c.Ids(x, 2);
        c.Match(ids, c.Of(x).Reason, c.Ids(bias, 0), c.Of(bias).Reason);
        if (ids is null)
        {
            c.SetOutput(node, 0, c.Of(x));
            return;
        }

        int half = ids.Length / 2;
        c.Unite(ids.AsSpan(0, half), ids.AsSpan(half, half));
        Layout passed = WholeAxes.Without(c.Of(x), [2]);
        c.SetOutput(node, 0, half > 1 ? passed.With(AxisIds.Single(2, ids[..half])) : passed);
    }
}
