using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>FusedConv of ONNX Runtime: Conv of X, W and B, plus Z [N, O, …], then an activation.</summary>
internal sealed class FusedConvRule : IOperatorRule
{
    private readonly ConvRule conv = new();

    public IReadOnlyList<string> Operators { get; } = ["com.microsoft.FusedConv"];

    public string Relation => "As Conv; Z, which is added before the activation, has the ids of Y.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        StandIn.Of(conv, c, node, "Conv", node.Input.Take(3));
        if (node.InputAt(3) is { } added)
        {
            StandIn.ElementwiseOf(c, node, [node.Output[0], added]);
        }
    }

    public void Rewrite(NodeProto node, SurgeryContext s) => conv.Rewrite(node, s);
}
