using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>States the part of an operator that is another operator, on some of its inputs.</summary>
internal static class StandIn
{
    /// <summary>Elementwise, with broadcasting, from some inputs (those not null) to the first output.</summary>
    public static void ElementwiseOf(CouplingBuilder c, NodeProto node, IEnumerable<string?> inputs) =>
        c.SetOutput(node, 0, Broadcast.Relate(node, c, [.. inputs.OfType<string>().Where(i => i.Length > 0)]));

    /// <summary>What <paramref name="rule"/> says of a standard node of type <paramref name="op"/> with these inputs.</summary>
    public static void Of(IOperatorRule rule, CouplingBuilder c, NodeProto node, string op, IEnumerable<string> inputs)
    {
        var stand = new NodeProto { OpType = op, Name = node.Name };
        stand.Input.AddRange(inputs.Where(i => i.Length > 0));
        stand.Output.Add(node.Output[0]);
        stand.Attribute.AddRange(node.Attribute);
        rule.Relate(stand, c);
    }
}
