using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Elementwise operators of ONNX Runtime, with a bias [D] that is broadcast where they take one.</summary>
internal sealed class ContribElementwiseRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } =
    [
        "com.microsoft.BiasDropout", "com.microsoft.BiasGelu", "com.microsoft.FastGelu", "com.microsoft.Gelu", "com.microsoft.QuickGelu",
    ];

    public string Relation => "X […, D] and the bias [D] share the ids of D; every axis passes.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        StandIn.ElementwiseOf(c, node, node.Input);
        // The second output of BiasDropout says which elements were dropped.
        c.SetOutput(node, 1, c.Of(node.Output[0]));
    }
}
